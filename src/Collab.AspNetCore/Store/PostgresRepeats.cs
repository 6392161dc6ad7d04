using Collab.AspNetCore.Events;
using Collab.AspNetCore.RunLog;
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

    /// <returns>Those that are not there.</returns>
    public static async ValueTask<IReadOnlyList<PendingAppend>> AnswerAsync(
        NpgsqlConnection connection, IReadOnlyList<PendingAppend> appends, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(Guid RunId, Guid MessageId), Stored>(KeyedGuids.Instance);
        await using var command = new NpgsqlCommand(Find, connection)
        {
            Parameters =
            {
                new() { Value = appends.Select(a => a.RunId).ToArray() },
                new() { Value = appends.Select(a => a.MessageId).ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known[(reader.GetGuid(0), reader.GetGuid(1))] = new(
                reader.GetInt64(2), UnixTime.ToMilliseconds(reader.GetDateTime(3)), reader.GetGuid(4), reader.GetString(5), reader.GetString(6));
        }
        var rest = new List<PendingAppend>(appends.Count);
        foreach (var append in appends)
        {
            if (!known.TryGetValue((append.RunId, append.MessageId), out var first)) rest.Add(append);
            else append.Repeats(first.Sequence, first.Timestamp, first.Epoch, first.UserId, first.EventType);
        }
        return rest;
    }

    private readonly record struct Stored(long Sequence, long Timestamp, Guid Epoch, string UserId, string EventType);
}
