using Collab.AspNetCore.Events;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits a batch with one statement, which is one transaction and one round trip, on a connection of its own. Ids that are there already
/// fail the statement: they are answered, and the rest is committed again.
/// </summary>
internal sealed class PostgresAppender(PostgresConnections connections, EpochSalt salt, EventSigning? signing) : IRunAppender
{
    private readonly PostgresFence _fence = new();
    private readonly PostgresBatch _batch = new();
    private NpgsqlConnection? _connection;
    private PostgresBatchStatement? _many;
    private PostgresSingleStatement? _one;
    private PostgresBatchStatement? _signed;

    public async ValueTask<IReadOnlyList<Appended>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await ConnectAsync(cancellationToken);
            _batch.Begin(batch);
            var signs = signing?.IsDue(batch.Timestamp) == true;
            if (signs || _batch.HasBasis) await CommitLockedAsync(batch.MayRepeat || _batch.HasBasis, signs, cancellationToken);
            else await CommitAsync(batch.MayRepeat, cancellationToken);
            if (_batch.Open.Count > 0) await AnswerEndedAsync(cancellationToken);
            return _batch.Answers;
        }
        catch (Exception e) when (PostgresFailure.IsFailure(e))
        {
            var failure = PostgresFailure.Explain(e);
            // Whatever it was, an open connection is no sign that it is over: the next attempt gets a new one.
            if (failure.Failure == StoreFailure.Unavailable)
            {
                await DisconnectAsync();
                // What ended this connection has ended those that wait in the pool, or made them read only: a reader must not be the one to
                // find that out.
                connections.Pool.Clear();
            }
            throw failure;
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    /// <summary>What is open is of runs that have ended: a repeat of what was stored before that, or refused.</summary>
    private async ValueTask AnswerEndedAsync(CancellationToken cancellationToken)
    {
        await PostgresRepeats.AnswerAsync(_connection!, _batch, cancellationToken);
        _batch.RefuseOpen();
    }

    private async ValueTask CommitAsync(bool mayRepeat, CancellationToken cancellationToken)
    {
        if (mayRepeat) await PostgresRepeats.AnswerAsync(_connection!, _batch, cancellationToken);
        while (_batch.TakeFront() && !await TryCommitAsync(cancellationToken))
        {
            // The whole statement was rolled back, so no number is lost. Answer the ids that are there, commit the rest again.
            await PostgresRepeats.AnswerAsync(_connection!, _batch, cancellationToken);
        }
    }

    /// <summary>
    /// What was touched since must be asked where nobody can touch it any more, and a signature needs the one before it: with the runs'
    /// rows locked, and in one transaction with the commit.
    /// </summary>
    private async ValueTask CommitLockedAsync(bool mayRepeat, bool signs, CancellationToken cancellationToken)
    {
        try
        {
            while (!await TryCommitLockedAsync(mayRepeat, signs, cancellationToken)) mayRepeat = true;
        }
        catch (PostgresException e) when (PostgresFailure.IsLocked(e))
        {
            if (await FindLockedAsync(e, cancellationToken) is { } locked) throw locked;
            throw;
        }
    }

    /// <returns>False: an id is there already, and was not looked for.</returns>
    private async ValueTask<bool> TryCommitLockedAsync(bool mayRepeat, bool signs, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await _connection!.BeginTransactionAsync(cancellationToken);
            var runs = await PostgresClashes.LockAsync(_connection, _batch, salt, cancellationToken);
            if (mayRepeat) await PostgresRepeats.AnswerAsync(_connection, _batch, cancellationToken);
            if (_batch.HasBasis) await PostgresClashes.AnswerAsync(_connection, _batch, runs, cancellationToken);
            // What is rolled back here is nothing but locks.
            if (!_batch.TakeFront()) return true;
            if (signs) _batch.Sign(runs, signing!);
            if (await (signs ? TryCommitSignedAsync(cancellationToken) : TryCommitFrontAsync(cancellationToken)))
            {
                await transaction.CommitAsync(cancellationToken);
                return true;
            }
        }
        catch (PostgresException e) when (!mayRepeat && PostgresFailure.IsDuplicateMessage(e))
        {
            return false;
        }
        throw await FencedAsync();
    }

    /// <returns>As <see cref="TryCommitFrontAsync"/>.</returns>
    private async ValueTask<bool> TryCommitSignedAsync(CancellationToken cancellationToken)
    {
        var isDone = await _signed!.CommitAsync(_batch, cancellationToken);
        if (isDone) _batch.CloseFront();
        return isDone;
    }

    /// <returns>False: an id is there already.</returns>
    private async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await TryCommitFrontAsync(cancellationToken)) return true;
        }
        catch (PostgresException e) when (PostgresFailure.IsDuplicateMessage(e))
        {
            return false;
        }
        catch (PostgresException e) when (PostgresFailure.IsLocked(e))
        {
            if (await FindLockedAsync(e, cancellationToken) is { } locked) throw locked;
            throw;
        }
        throw await FencedAsync();
    }

    /// <returns>False: another session has taken this one's place.</returns>
    private async ValueTask<bool> TryCommitFrontAsync(CancellationToken cancellationToken)
    {
        var isDone = _batch.Front.Count == 1
            ? await _one!.CommitAsync(_batch, cancellationToken)
            : await _many!.CommitAsync(_batch, cancellationToken);
        if (isDone) _batch.CloseFront();
        return isDone;
    }

    private async ValueTask<StoreException> FencedAsync()
    {
        await DisconnectAsync();
        return new(StoreFailure.Unavailable, new InvalidOperationException("The writer's row in collaboration_writers was changed."));
    }

    /// <summary>What the end of a wait means; null: no run is to blame, for a statement can reach its time limit without a lock.</summary>
    private async ValueTask<StoreException?> FindLockedAsync(PostgresException e, CancellationToken cancellationToken)
    {
        var locked = await FindLockedAsync(cancellationToken);
        return e.SqlState == PostgresErrorCodes.QueryCanceled && locked.Count == 0
            ? null
            : new StoreException(StoreFailure.Locked, e) { LockedRuns = locked };
    }

    /// <summary>
    /// Which runs another session holds at this moment, without waiting for any. Waits for a locked table, and then fails: no run is to
    /// blame.
    /// </summary>
    private async ValueTask<IReadOnlyCollection<Guid>> FindLockedAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH free AS MATERIALIZED (SELECT id FROM collaboration_runs WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED)
            SELECT id FROM collaboration_runs WHERE id = ANY($1) EXCEPT SELECT id FROM free
            """, _connection)
        { Parameters = { new() { Value = _batch.OpenAppends.Select(a => a.RunId).Distinct().ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var locked = new HashSet<Guid>(KeyedGuids.Instance);
        while (await reader.ReadAsync(cancellationToken)) locked.Add(reader.GetGuid(0));
        return locked;
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_one is not null && _connection is { State: System.Data.ConnectionState.Open }) return;
        await DisconnectAsync();
        _connection = await connections.Unpooled.OpenConnectionAsync(cancellationToken);
        await _fence.EnterAsync(_connection, cancellationToken);
        await PostgresRunStore.LearnSaltAsync(_connection, salt, cancellationToken);
        if (signing is not null)
            _signed = await PostgresBatchStatement.PrepareAsync(_connection, _fence, salt, signs: true, cancellationToken);
        _many = await PostgresBatchStatement.PrepareAsync(_connection, _fence, salt, signs: false, cancellationToken);
        _one = await PostgresSingleStatement.PrepareAsync(_connection, _fence, salt, cancellationToken);
    }

    private async ValueTask DisconnectAsync()
    {
        if (_many is { } many) await many.DisposeAsync();
        if (_one is { } one) await one.DisposeAsync();
        if (_signed is { } signed) await signed.DisposeAsync();
        if (_connection is { } connection) await connection.DisposeAsync();
        (_many, _one, _signed, _connection) = (null, null, null, null);
    }
}
