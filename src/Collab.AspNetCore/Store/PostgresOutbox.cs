using Collab.AspNetCore.Events;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The outbox in PostgreSQL: one server at a time moves rows, on a connection of its own, in a transaction that appends and deletes. An
/// answer that is lost changes nothing: the rows are in the outbox or in the log.
/// </summary>
internal sealed class PostgresOutbox(
    PostgresConnections connections, EpochSalt salt, EventSigning? signing, OutboxCatalog catalog, int maxBytes, TimeProvider time)
    : IOutboxStore
{
    private const string HasWaiting = "SELECT EXISTS (SELECT FROM collaboration_outbox WHERE failed_at IS NULL AND run_id <> ALL($1))";

    private readonly PostgresBatch _batch = new();
    private readonly OutboxOrder _order = new(time);
    private NpgsqlConnection? _connection;
    private PostgresBatchStatement? _append;
    private PostgresBatchStatement? _signed;

    public ValueTask<bool> HasWaitingAsync(IReadOnlyCollection<Guid> apartFrom, CancellationToken cancellationToken) =>
        GuardAsync(async () =>
        {
            await using var command = new NpgsqlCommand(HasWaiting, _connection) { Parameters = { new() { Value = apartFrom.ToArray() } } };
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }, cancellationToken);

    public async ValueTask<OutboxPass> DrainAsync(OutboxRequest request, OutboxJudge judge, CancellationToken cancellationToken)
    {
        try
        {
            return await GuardAsync(() => DrainAsync(request, judge, PostgresOutboxRows.Limit, cancellationToken), cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Rejected)
        {
            // Something in it is not to be stored, whatever it is: the first row alone, and then the others.
            return await GuardAsync(() => DrainAsync(request, judge, limit: 1, cancellationToken), cancellationToken);
        }
    }

    public ValueTask<OutboxDepth> GetDepthAsync(CancellationToken cancellationToken) =>
        connections.Pool.Guard(() => catalog.GetDepthAsync(cancellationToken));

    public ValueTask<IReadOnlyList<OutboxEntry>> ListFailedAsync(
        int offset, int limit, CancellationToken cancellationToken) =>
        connections.Pool.Guard(() => catalog.ListFailedAsync(offset, limit, cancellationToken));

    public ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken) =>
        connections.Pool.Guard(() => catalog.RetryAsync(id, cancellationToken));

    public ValueTask<bool> DropAsync(long id, CancellationToken cancellationToken) =>
        connections.Pool.Guard(() => catalog.DropAsync(id, cancellationToken));

    public ValueTask DisposeAsync() => DisconnectAsync();

    private async Task<OutboxPass> DrainAsync(OutboxRequest request, OutboxJudge judge, int limit, CancellationToken cancellationToken)
    {
        await using var transaction = await _connection!.BeginTransactionAsync(cancellationToken);
        if (!await PostgresOutboxRows.TryTakeTurnAsync(_connection, cancellationToken)) return OutboxPass.Nothing with { IsFull = true };
        var (rows, isFull) = await ReadAsync(request, limit, cancellationToken);
        if (rows.Count == 0) return OutboxPass.Nothing with { IsFull = isFull };

        var (held, added) = await LockAsync(request, rows, cancellationToken);
        var batch = new OutboxBatch();
        foreach (var row in rows.Where(row => !held.Contains(row.RunId))) batch.Add(row, judge);
        if (batch.IsEmpty) return OutboxPass.Nothing with { Held = held };
        try
        {
            await AppendAsync(new(batch.Appends, request.Timestamp, MayRepeat: true), cancellationToken);
            batch.SetAsideTooLate(_batch.Answers);
            await PostgresOutboxRows.SettleAsync(_connection, batch.Done, batch.Failed, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled)
        {
            // A run whose row another session is about to insert cannot be seen to be held.
            return OutboxPass.Nothing with { Held = [.. held, .. added] };
        }
        catch (PostgresException e) when (limit == 1 && PostgresFailure.Explain(e).Failure == StoreFailure.Rejected
            && !PostgresFailure.IsDuplicateMessage(e))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await RejectAsync(rows[0].Id, e.MessageText, cancellationToken);
        }
        return new(batch.Appends, _batch.Answers, batch.Failed, held, isFull);
    }

    /// <summary>The rows that may go now, and whether there is more to come soon.</summary>
    private async ValueTask<(List<OutboxCandidate> Rows, bool IsMore)> ReadAsync(
        OutboxRequest request, int limit, CancellationToken cancellationToken)
    {
        if (_order.IsWaiting) _order.Look(await PostgresOutboxRows.GetWritersAsync(_connection!, cancellationToken));
        var rows = await PostgresOutboxRows.ReadAsync(_connection!, request, limit, maxBytes, cancellationToken);
        var ready = _order.CountReady(rows.ConvertAll(row => row.Id));
        if (ready < rows.Count && request.Only is null && !_order.IsWaiting)
        {
            var writers = await PostgresOutboxRows.GetWritersAsync(_connection!, cancellationToken);
            if (writers.Count > 0) _order.WaitFor(rows[^1].Id, writers);
            else
            {
                // Those who might have filled the gap are gone; what they have left is seen now.
                _order.Settle(rows[^1].Id);
                rows = await PostgresOutboxRows.ReadAsync(_connection!, request, limit, maxBytes, cancellationToken);
                ready = _order.CountReady(rows.ConvertAll(row => row.Id));
            }
        }
        return (rows[..ready], ready < rows.Count || rows.Count == limit);
    }

    private async ValueTask<(HashSet<Guid> Held, HashSet<Guid> New)> LockAsync(
        OutboxRequest request, List<OutboxCandidate> rows, CancellationToken cancellationToken)
    {
        if (request.Only is not { } only)
        {
            Guid[] runs = [.. rows.Select(row => row.RunId).Distinct(KeyedGuids.Instance)];
            return await PostgresOutboxRows.LockFreeAsync(_connection!, runs, cancellationToken);
        }
        try
        {
            await PostgresOutboxRows.LockAsync(_connection!, only, cancellationToken);
            return ([], [only]);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled)
        {
            return ([only], []);
        }
    }

    private async ValueTask AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        _batch.Begin(batch);
        if (batch.Appends.Count == 0) return;
        // The runs are locked, so nothing can come in between.
        await PostgresRepeats.AnswerAsync(_connection!, _batch, cancellationToken);
        if (!_batch.TakeFront()) return;
        if (signing?.IsDue(batch.Timestamp) == true)
        {
            _batch.Sign(await PostgresClashes.LockAsync(_connection!, _batch, salt, cancellationToken), signing);
            await _signed!.CommitAsync(_batch, cancellationToken);
        }
        else
        {
            await _append!.CommitAsync(_batch, cancellationToken);
        }
        _batch.CloseFront();
        _batch.RefuseOpen();
    }

    private async ValueTask<OutboxPass> RejectAsync(long id, string reason, CancellationToken cancellationToken)
    {
        List<(long, string)> failed = [(id, $"The store cannot hold it: {reason}.")];
        await PostgresOutboxRows.SettleAsync(_connection!, [], failed, cancellationToken);
        return new([], [], failed, [], IsFull: true);
    }

    private async ValueTask<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            if (_append is null || _connection is not { State: System.Data.ConnectionState.Open }) await ConnectAsync(cancellationToken);
            return await work();
        }
        catch (Exception e) when (PostgresFailure.IsFailure(e))
        {
            var failure = PostgresFailure.Explain(e);
            if (failure.Failure == StoreFailure.Unavailable) await DisconnectAsync();
            throw failure;
        }
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        await DisconnectAsync();
        _connection = await connections.Unpooled.OpenConnectionAsync(cancellationToken);
        await PostgresRunStore.LearnSaltAsync(_connection, salt, cancellationToken);
        _append = PostgresBatchStatement.Unprepared(_connection, salt, signs: false);
        if (signing is not null) _signed = PostgresBatchStatement.Unprepared(_connection, salt, signs: true);
    }

    private async ValueTask DisconnectAsync()
    {
        if (_append is { } append) await append.DisposeAsync();
        if (_signed is { } signed) await signed.DisposeAsync();
        if (_connection is { } connection) await connection.DisposeAsync();
        (_append, _signed, _connection) = (null, null, null);
    }
}
