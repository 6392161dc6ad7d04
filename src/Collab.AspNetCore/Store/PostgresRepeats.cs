using Collab.AspNetCore.Events;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Answers appends whose ids are in the store already.</summary>
internal static class PostgresRepeats
{
    private const string Find =
        """
        SELECT m.run_id, m.id, m.sequence_number, m.timestamp, r.epoch, m.user_id, m.event_type
        FROM unnest($1::uuid[], $2::uuid[]) AS e (run_id, id)
        JOIN persisted_collaboration_messages m ON m.run_id = e.run_id AND m.id = e.id
        JOIN collaboration_runs r ON r.id = m.run_id
        """;

    public static async ValueTask AnswerAsync(NpgsqlConnection connection, PostgresBatch batch, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(Guid RunId, Guid MessageId), Stored>(KeyedGuids.Instance);
        await using var command = new NpgsqlCommand(Find, connection)
        {
            Parameters =
            {
                new() { Value = batch.OpenAppends.Select(a => a.RunId).ToArray() },
                new() { Value = batch.OpenAppends.Select(a => a.MessageId).ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var appended = new Appended(reader.GetInt64(2), UnixTime.ToMilliseconds(reader.GetDateTime(3)), reader.GetGuid(4));
            known[(reader.GetGuid(0), reader.GetGuid(1))] = new(appended, reader.GetString(5), reader.GetString(6));
        }
        batch.AnswerRepeats(append => known.TryGetValue((append.RunId, append.MessageId), out var first)
            ? append.Meets(first.Appended, first.UserId, first.EventType)
            : null);
    }

    private readonly record struct Stored(Appended Appended, string UserId, string EventType);
}
