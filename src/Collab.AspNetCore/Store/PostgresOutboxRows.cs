using Collab.AspNetCore.Events;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>The statements of one attempt to move rows of the outbox, inside its transaction.</summary>
internal static class PostgresOutboxRows
{
    /// <summary>How many are moved together.</summary>
    public const int Limit = 256;

    /// <summary>Any number that no other application locks in this database.</summary>
    private const long Turn = 0x436F_6C6C_6163;

    private const string Read =
        """
        SELECT id, run_id, message_id, event_type, user_id, user_name, CASE WHEN octet_length(data::text) <= $3 THEN data::text END
        FROM collaboration_outbox
        WHERE failed_at IS NULL AND ($1::uuid IS NULL OR run_id = $1) AND run_id <> ALL($2)
        ORDER BY id LIMIT $4
        """;

    private const string Writers =
        """
        SELECT virtualtransaction FROM pg_locks
        WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
            AND relation = 'collaboration_outbox'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    /// <summary>Takes the turn of all servers that share the database, until the transaction ends.</summary>
    /// <returns>False: another one has it.</returns>
    public static async ValueTask<bool> TryTakeTurnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{PostgresSettings.Begin}, pg_try_advisory_xact_lock({Turn})", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(reader.FieldCount - 1);
    }

    /// <param name="connection">In the transaction.</param>
    /// <param name="request">Which.</param>
    /// <param name="limit">How many.</param>
    /// <param name="maxBytes">How long the data's text may be to be read at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<List<OutboxCandidate>> ReadAsync(
        NpgsqlConnection connection, OutboxRequest request, int limit, int maxBytes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection)
        {
            Parameters =
            {
                new() { Value = (object?)request.Only ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
                new() { Value = request.ApartFrom.ToArray() }, new() { Value = maxBytes }, new() { Value = limit },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OutboxCandidate>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6)));
        }
        return rows;
    }

    /// <summary>The open transactions that have inserted something, or are about to.</summary>
    public static async ValueTask<List<string>> GetWritersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Writers, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var writers = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) writers.Add(reader.GetString(0));
        return writers;
    }

    /// <summary>Locks the rows of the runs that nobody else holds. No wait.</summary>
    /// <returns>The runs that another session holds, and those that have no row yet.</returns>
    public static async ValueTask<(HashSet<Guid> Held, HashSet<Guid> New)> LockFreeAsync(
        NpgsqlConnection connection, Guid[] runs, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT id FROM collaboration_runs WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED")
                { Parameters = { new() { Value = runs } } },
                new("SELECT id FROM collaboration_runs WHERE id = ANY($1)") { Parameters = { new() { Value = runs } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var free = new HashSet<Guid>(KeyedGuids.Instance);
        while (await reader.ReadAsync(cancellationToken)) free.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        var (held, added) = (new HashSet<Guid>(KeyedGuids.Instance), runs.ToHashSet(KeyedGuids.Instance));
        while (await reader.ReadAsync(cancellationToken))
        {
            added.Remove(reader.GetGuid(0));
            if (!free.Contains(reader.GetGuid(0))) held.Add(reader.GetGuid(0));
        }
        return (held, added);
    }

    /// <summary>Locks a run's row, and waits for it a little.</summary>
    /// <exception cref="PostgresException">Another session holds it.</exception>
    public static async ValueTask LockAsync(NpgsqlConnection connection, Guid run, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SET LOCAL lock_timeout = '100ms'"),
                new("SELECT id FROM collaboration_runs WHERE id = $1 FOR NO KEY UPDATE") { Parameters = { new() { Value = run } } },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes what was moved out of the outbox, and marks what cannot be.</summary>
    public static async ValueTask SettleAsync(
        NpgsqlConnection connection, List<long> moved, List<(long Id, string Problem)> failed, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("DELETE FROM collaboration_outbox WHERE id = ANY($1)") { Parameters = { new() { Value = moved } } },
                new("""
                    UPDATE collaboration_outbox o SET failed_at = now(), error = e.problem
                    FROM unnest($1::bigint[], $2::text[]) AS e (id, problem) WHERE o.id = e.id
                    """)
                { Parameters = { new() { Value = failed.ConvertAll(f => f.Id) }, new() { Value = failed.ConvertAll(f => f.Problem) } } },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
