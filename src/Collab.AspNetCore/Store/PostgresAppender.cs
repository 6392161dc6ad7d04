using Collab.AspNetCore.Events;
using Collab.AspNetCore.RunLog;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits a batch with one statement, which is one transaction and one round trip, on a connection of its own. Ids that are there already fail the
/// statement: they are answered, and the rest is committed again.
/// </summary>
internal sealed class PostgresAppender(NpgsqlDataSource source, EpochSalt salt) : IRunAppender
{
    /// <summary>
    /// How long a run's row is waited for. Other servers hold it for a commit, which is milliseconds; who holds it longer must not keep a whole batch,
    /// and all that is queued behind it, for as long as a statement may take.
    /// </summary>
    private const string LockTimeout = "500ms";

    private NpgsqlConnection? _connection;
    private PostgresBatchStatement? _many;
    private PostgresSingleStatement? _one;

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
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
                {
                    throw new StoreException(StoreFailure.Locked, e) { LockedRuns = await FindLockedAsync(remaining, cancellationToken) };
                }
            }
        }
        catch (Exception e) when (PostgresFailure.IsFailure(e))
        {
            var failure = PostgresFailure.Explain(e);
            if (failure.Failure == StoreFailure.Unavailable)
            {
                // Whatever it was, an open connection is no sign that it is over: the next attempt starts anew.
                source.LetGo(e);
                await DisconnectAsync();
            }
            throw failure;
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    private ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) => batch.Appends is [var only]
        ? _one!.CommitAsync(only, batch.Timestamp, cancellationToken)
        : _many!.CommitAsync(batch, cancellationToken);

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

    /// <summary>Which runs somebody holds at this moment, without waiting for any. Waits for a locked table, and then fails: no run is to blame.</summary>
    private async ValueTask<IReadOnlyCollection<Guid>> FindLockedAsync(IReadOnlyList<PendingAppend> appends, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH free AS MATERIALIZED (SELECT id FROM collaboration_runs WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED)
            SELECT id FROM collaboration_runs WHERE id = ANY($1) EXCEPT SELECT id FROM free
            """, _connection)
        { Parameters = { new() { Value = appends.Select(a => a.RunId).Distinct().ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var locked = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken)) locked.Add(reader.GetGuid(0));
        return locked;
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_one is not null && _connection is { State: System.Data.ConnectionState.Open }) return;
        await DisconnectAsync();
        _connection = await source.OpenConnectionAsync(cancellationToken);
        // "Acknowledged means durable" must not hang on how the database was set up. Stricter settings stay as they are.
        await using (var settings = new NpgsqlCommand(
            $"""
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
            SET lock_timeout = '{LockTimeout}'
            """, _connection))
        {
            await settings.ExecuteNonQueryAsync(cancellationToken);
        }
        await PostgresRunStore.LearnSaltAsync(_connection, salt, cancellationToken);
        _many = await PostgresBatchStatement.PrepareAsync(_connection, salt, cancellationToken);
        _one = await PostgresSingleStatement.PrepareAsync(_connection, salt, cancellationToken);
    }

    private async ValueTask DisconnectAsync()
    {
        if (_many is { } many) await many.DisposeAsync();
        if (_one is { } one) await one.DisposeAsync();
        if (_connection is { } connection) await connection.DisposeAsync();
        (_many, _one, _connection) = (null, null, null);
    }
}
