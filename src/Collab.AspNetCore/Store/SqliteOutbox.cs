using System.Text;
using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The outbox in a SQLite file. A file has one writer at a time, so the order of the inserts is the order of the commits. What other
/// programs write into the columns is any text at all.
/// </summary>
internal sealed class SqliteOutbox(SqliteRunStore store, EventSigning? signing, OutboxCatalog catalog, int maxBytes) : IOutboxStore
{
    private const int Limit = 256;

    private const string Read =
        """
        SELECT id, run_id, message_id, event_type, user_id, user_name, CASE WHEN octet_length(data) <= $max THEN data END
        FROM collaboration_outbox WHERE failed_at IS NULL ORDER BY id LIMIT $limit
        """;

    private readonly SqliteAppender _appender = new(store, signing);
    private SqliteConnection? _look;
    private long _version = -1;

    /// <summary>One number from memory says whether another connection has committed anything since the last look.</summary>
    public ValueTask<bool> HasWaitingAsync(IReadOnlyCollection<Guid> apartFrom, CancellationToken cancellationToken)
    {
        try
        {
            _look ??= store.Open();
            var version = (long)Ask("PRAGMA data_version");
            if (version == _version) return new(false);
            var isWaiting = (long)Ask("SELECT EXISTS (SELECT 1 FROM collaboration_outbox WHERE failed_at IS NULL)") != 0;
            // What waits is asked for again until it waits no longer.
            if (!isWaiting) _version = version;
            return new(isWaiting);
        }
        catch (SqliteException e)
        {
            Disconnect();
            throw SqliteFailure.Explain(e);
        }
    }

    public ValueTask<OutboxPass> DrainAsync(OutboxRequest request, OutboxJudge judge, CancellationToken cancellationToken)
    {
        var (batch, isFull) = (new OutboxBatch(), false);
        var answers = _appender.Append(
            transaction =>
            {
                isFull = Take(transaction, batch, judge) == Limit;
                return new(batch.Appends, request.Timestamp);
            },
            (transaction, appended) =>
            {
                batch.SetAsideTooLate(appended);
                Settle(transaction, batch);
            });
        return new(new OutboxPass(batch.Appends, answers, batch.Failed, [], isFull));
    }

    public ValueTask<OutboxDepth> GetDepthAsync(CancellationToken cancellationToken) =>
        SqliteFailure.GuardAsync(() => catalog.GetDepthAsync(cancellationToken));

    public ValueTask<IReadOnlyList<OutboxEntry>> ListFailedAsync(
        int offset, int limit, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAsync(() => catalog.ListFailedAsync(offset, limit, cancellationToken));

    public ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAsync(() => catalog.RetryAsync(id, cancellationToken));

    public ValueTask<bool> DropAsync(long id, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAsync(() => catalog.DropAsync(id, cancellationToken));

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return _appender.DisposeAsync();
    }

    private int Take(SqliteTransaction transaction, OutboxBatch batch, OutboxJudge judge)
    {
        using var read = SqliteRunStore.Command(transaction, Read, ("$max", maxBytes), ("$limit", Limit));
        using var row = read.ExecuteReader();
        var count = 0;
        for (; row.Read(); count++)
        {
            var (id, run, message) = (row.GetInt64(0), row.GetString(1), row.GetString(2));
            if (!Guid.TryParseExact(run, "D", out var runId)) batch.Fail(id, $"run_id is not a UUID: {run}");
            else if (!Guid.TryParseExact(message, "D", out var messageId)) batch.Fail(id, $"message_id is not a UUID: {message}");
            else
            {
                var data = row.IsDBNull(6) ? null : Encoding.UTF8.GetBytes(row.GetString(6));
                batch.Add(
                    new(id, runId, messageId, row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5), data), judge);
            }
        }
        return count;
    }

    private static void Settle(SqliteTransaction transaction, OutboxBatch batch)
    {
        foreach (var id in batch.Done) Execute(transaction, "DELETE FROM collaboration_outbox WHERE id = $id", ("$id", id));
        foreach (var (id, problem) in batch.Failed)
        {
            // An id that is none would keep the row from being listed; the reason has it.
            Execute(
                transaction,
                """
                UPDATE collaboration_outbox SET failed_at = strftime('%Y-%m-%d %H:%M:%f', 'now'), error = $error,
                    run_id = CASE WHEN $error LIKE 'run_id is not a UUID%' THEN $none ELSE run_id END,
                    message_id = CASE WHEN $error LIKE '%_id is not a UUID%' THEN $none ELSE message_id END
                WHERE id = $id
                """,
                ("$id", id), ("$error", problem), ("$none", Guid.Empty));
        }
    }

    private static void Execute(SqliteTransaction transaction, string sql, params ReadOnlySpan<(string, object)> parameters)
    {
        using var command = SqliteRunStore.Command(transaction, sql, parameters);
        command.ExecuteNonQuery();
    }

    private object Ask(string sql)
    {
        using var command = _look!.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    private void Disconnect()
    {
        _look?.Dispose();
        (_look, _version) = (null, -1);
    }
}
