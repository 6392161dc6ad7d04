using System.Data;
using Collab.AspNetCore.Events;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>A run whose row this transaction holds: nobody else gives out its next number.</summary>
/// <param name="LastSequence">Where it stands.</param>
/// <param name="FoldedSequence">Up to here its events may not be kept any more.</param>
/// <param name="HasEnded">It takes no more events.</param>
/// <param name="Epoch">Identity of its log.</param>
/// <param name="Signature">That of the newest event that was signed; null: none was.</param>
internal readonly record struct LockedRun(long LastSequence, long FoldedSequence, bool HasEnded, Guid Epoch, string? Signature);

/// <summary>
/// Finds what stands against appends that are based on something. It takes a transaction with the rows of all runs of the batch locked, in
/// the order in which the batch's own statement locks them; the numbers that the batch gives out are known then.
/// </summary>
internal static class PostgresClashes
{
    private const string Lock =
        """
        INSERT INTO collaboration_runs AS r (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
        SELECT u.id, u.epoch, 0, '{}', 0, now(), now() FROM unnest($1::uuid[], $2::uuid[]) AS u (id, epoch)
        ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence
        RETURNING id, last_sequence, folded_sequence, ended_sequence <= last_sequence, epoch,
            CASE signed_epoch WHEN epoch THEN signature END
        """;

    /// <summary>A number is compared as the clients write it, without what follows the point where that is nothing.</summary>
    private const string Since =
        """
        SELECT m.sequence_number, m.id, m.user_id, m.user_name, m.event_type, m.timestamp, m.message_data::text, m.signature
        FROM persisted_collaboration_messages m
        WHERE m.run_id = $1 AND m.sequence_number > $2 AND ($3::text IS NULL OR EXISTS (
            SELECT FROM unnest($4::text[], $5::text[]) AS s (type, field)
            WHERE s.type = m.event_type AND $3 = CASE jsonb_typeof(m.message_data -> s.field)
                WHEN 'number' THEN trim_scale((m.message_data ->> s.field)::numeric)::text
                WHEN 'string' THEN m.message_data ->> s.field
                WHEN 'boolean' THEN m.message_data ->> s.field END))
        ORDER BY m.sequence_number DESC LIMIT $6
        """;

    /// <summary>Locks the runs of what is open, until the transaction ends.</summary>
    /// <returns>Where they stand.</returns>
    public static async ValueTask<IReadOnlyDictionary<Guid, LockedRun>> LockAsync(
        NpgsqlConnection connection, PostgresBatch batch, EpochSalt salt, CancellationToken cancellationToken)
    {
        Guid[] runs = [.. batch.OpenAppends.Select(append => append.RunId).Distinct(KeyedGuids.Instance).Order()];
        await using var command = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(PostgresSettings.Begin),
                new(Lock) { Parameters = { new() { Value = runs }, new() { Value = Array.ConvertAll(runs, salt.EpochOf) } } },
            },
        };
        var locked = new Dictionary<Guid, LockedRun>(KeyedGuids.Instance);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            locked[reader.GetGuid(0)] = new(
                reader.GetInt64(1), reader.GetInt64(2), !reader.IsDBNull(3) && reader.GetBoolean(3), reader.GetGuid(4),
                reader.IsDBNull(5) ? null : reader.GetString(5));
        }
        return locked;
    }

    /// <summary>Answers what something stands against. Repeats have been answered: what is open then has no number yet.</summary>
    public static async ValueTask AnswerAsync(
        NpgsqlConnection connection, PostgresBatch batch, IReadOnlyDictionary<Guid, LockedRun> runs, CancellationToken cancellationToken)
    {
        int[] based = [.. batch.Open.Where(place => IsBehind(batch[place]))];
        var clashes = based.Length == 0 ? [] : await ReadAsync(connection, batch, based, cancellationToken);
        batch.AnswerClashes(runs, clashes.GetValueOrDefault);

        bool IsBehind(in Append append) => append.Basis is { } basis && basis.Sequence < runs[append.RunId].LastSequence;
    }

    private static async ValueTask<Dictionary<int, IReadOnlyList<LoggedEvent>>> ReadAsync(
        NpgsqlConnection connection, PostgresBatch batch, int[] based, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlBatch(connection);
        foreach (var place in based) command.BatchCommands.Add(Command(batch[place]));
        var found = new Dictionary<int, IReadOnlyList<LoggedEvent>>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        foreach (var place in based)
        {
            var events = new List<LoggedEvent>();
            while (await reader.ReadAsync(cancellationToken)) events.Insert(0, ReadEvent(batch[place].RunId, reader));
            if (events.Count > 0) found.Add(place, events);
            await reader.NextResultAsync(cancellationToken);
        }
        return found;
    }

    private static NpgsqlBatchCommand Command(in Append append)
    {
        var (sequence, subject) = append.Basis!;
        return new(Since)
        {
            Parameters =
            {
                new() { Value = append.RunId },
                new() { Value = sequence },
                new() { Value = (object?)subject.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = subject.Types },
                new() { Value = subject.Fields },
                new() { Value = Basis.MostClashes },
            },
        };
    }

    private static LoggedEvent ReadEvent(Guid runId, NpgsqlDataReader reader) => new(
        runId, reader.GetInt64(0), reader.GetString(4), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
        UnixTime.ToMilliseconds(reader.GetDateTime(5)), reader.GetGuid(1), EventDataReader.Compact(reader.GetFieldValue<byte[]>(6)),
        reader.IsDBNull(7) ? null : reader.GetString(7));
}
