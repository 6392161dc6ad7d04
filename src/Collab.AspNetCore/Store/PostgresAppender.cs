using Collab.AspNetCore.RunLog;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits a batch with one prepared statement in one round trip: the runs' rows are raised by how many events each gets, which locks them
/// and makes the numbers, and the events are inserted counting back from there.
/// </summary>
internal sealed class PostgresAppender(NpgsqlDataSource source, EpochSalt salt) : IRunAppender
{
    private const string AppendSql =
        """
        WITH bumped AS (
            INSERT INTO collaboration_runs AS r (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
            SELECT u.id, u.epoch, u.added, '{}', 0, $4, $4 FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u (id, epoch, added)
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + EXCLUDED.last_sequence, updated_at = EXCLUDED.updated_at
            RETURNING id, epoch, last_sequence
        ), inserted AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, event_type, message_data, timestamp, is_critical)
            SELECT e.run_id, b.last_sequence - e.back, e.id, e.user_id, e.event_type, e.data, $4, true
            FROM unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[], $9::text[], $10::jsonb[])
                AS e (run_id, back, id, user_id, event_type, data)
            JOIN bumped b ON b.id = e.run_id
        )
        SELECT id, epoch, last_sequence FROM bumped
        """;

    private readonly PostgresBatchColumns _columns = new(salt);
    private NpgsqlConnection? _connection;
    private NpgsqlCommand? _append;

    public async ValueTask AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var remaining = batch.Appends;
        try
        {
            while (remaining.Count > 0)
            {
                await ConnectAsync(cancellationToken);
                try
                {
                    await CommitAsync(batch with { Appends = remaining }, cancellationToken);
                    return;
                }
                catch (PostgresException e) when (PostgresFailure.IsDuplicateMessage(e))
                {
                    // The whole statement was rolled back, so no number is lost. Answer the ids that are there, commit the rest again.
                    remaining = await MarkDuplicatesAsync(remaining, cancellationToken);
                }
            }
        }
        catch (Exception e) when (PostgresFailure.IsFailure(e))
        {
            if (e is not PostgresException { Severity: not "FATAL" }) await DisconnectAsync();
            throw PostgresFailure.Explain(e);
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    private async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        _columns.Fill(batch);
        _columns.Bind(_append!.Parameters, UnixTime.ToUtc(batch.Timestamp));
        await using (var reader = await _append.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) _columns.Committed(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2));
        }
        _columns.Number(batch);
    }

    private async ValueTask<IReadOnlyList<PendingAppend>> MarkDuplicatesAsync(IReadOnlyList<PendingAppend> appends, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(Guid RunId, Guid MessageId), (long Sequence, DateTime Timestamp, Guid Epoch)>();
        await using var command = new NpgsqlCommand(
            """
            SELECT m.run_id, m.id, m.sequence_number, m.timestamp, r.epoch
            FROM unnest($1::uuid[], $2::uuid[]) AS e (run_id, id)
            JOIN persisted_collaboration_messages m ON m.run_id = e.run_id AND m.id = e.id
            JOIN collaboration_runs r ON r.id = m.run_id
            """, _connection)
        { Parameters = { new() { Value = appends.Select(a => a.RunId).ToArray() }, new() { Value = appends.Select(a => a.MessageId).ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            known[(reader.GetGuid(0), reader.GetGuid(1))] = (reader.GetInt64(2), reader.GetDateTime(3), reader.GetGuid(4));

        var rest = new List<PendingAppend>(appends.Count);
        foreach (var append in appends)
        {
            if (!known.TryGetValue((append.RunId, append.MessageId), out var first))
            {
                rest.Add(append);
                continue;
            }
            (append.Sequence, append.Timestamp, append.Epoch) = (first.Sequence, UnixTime.ToMilliseconds(first.Timestamp), first.Epoch);
            append.IsDuplicate = true;
        }
        return rest;
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_append is not null && _connection is { State: System.Data.ConnectionState.Open }) return;
        await DisconnectAsync();
        _connection = await source.OpenConnectionAsync(cancellationToken);
        // "Acknowledged means durable" must not hang on how the database was set up. Stricter settings stay as they are.
        await using (var durable = new NpgsqlCommand(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')", _connection))
        {
            await durable.ExecuteNonQueryAsync(cancellationToken);
        }
        await PostgresRunStore.LearnSaltAsync(_connection, salt, cancellationToken);
        var append = new NpgsqlCommand(AppendSql, _connection);
        PostgresBatchColumns.Declare(append.Parameters);
        await append.PrepareAsync(cancellationToken);
        _append = append;
    }

    private async ValueTask DisconnectAsync()
    {
        if (_append is { } append) await append.DisposeAsync();
        if (_connection is { } connection) await connection.DisposeAsync();
        (_append, _connection) = (null, null);
    }
}
