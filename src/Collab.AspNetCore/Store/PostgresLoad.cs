using Collab.AspNetCore.Events;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Reads what many runs have after a position each.</summary>
internal static class PostgresLoad
{
    private const string Runs =
        "SELECT id, epoch, last_sequence, folded_sequence FROM collaboration_runs WHERE id = ANY($1)";

    private const string Events =
        """
        SELECT e.run_id, m.sequence_number, m.id, m.user_id, m.user_name, m.event_type, m.timestamp, m.message_data::text, m.signature
        FROM unnest($1::uuid[], $2::bigint[]) AS e (run_id, after) CROSS JOIN LATERAL (
            SELECT * FROM persisted_collaboration_messages p
            WHERE p.run_id = e.run_id AND p.sequence_number > e.after ORDER BY p.sequence_number LIMIT $3
        ) m
        ORDER BY e.run_id, m.sequence_number
        """;

    public static async Task<IReadOnlyDictionary<Guid, RunSnapshot>> ManyAsync(
        NpgsqlDataSource source, EpochSalt salt, IReadOnlyList<(Guid RunId, long After)> runs,
        int limit, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await PostgresRunStore.LearnSaltAsync(connection, salt, cancellationToken);
        // Both reads see one snapshot: a run that is erased between them would have the events of two logs.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var ids = runs.Select(r => r.RunId).ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Runs) { Parameters = { new() { Value = ids } } },
                new(Events)
                { Parameters = { new() { Value = ids }, new() { Value = runs.Select(r => r.After).ToArray() }, new() { Value = limit } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var found = ids.ToDictionary(id => id, id => RunSnapshot.Empty(salt.EpochOf(id)), KeyedGuids.Instance);
        while (await reader.ReadAsync(cancellationToken))
        {
            found[reader.GetGuid(0)] = new(reader.GetGuid(1), reader.GetInt64(2), reader.GetInt64(3), new(), new List<LoggedEvent>());
        }
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) ((List<LoggedEvent>)found[reader.GetGuid(0)].Events).Add(ReadEvent(reader));
        return found;
    }

    private static LoggedEvent ReadEvent(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetInt64(1), reader.GetString(5), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4),
        UnixTime.ToMilliseconds(reader.GetDateTime(6)), reader.GetGuid(2), EventDataReader.Compact(reader.GetFieldValue<byte[]>(7)),
        reader.IsDBNull(8) ? null : reader.GetString(8));
}
