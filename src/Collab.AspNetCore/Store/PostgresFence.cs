using System.Globalization;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Keeps a writer's earlier sessions from doing anything more. A batch whose answer never came may still be on its way, and must not be
/// committed behind what its writer sends after it. So before a new session is used, the backends of the earlier ones are ended. Behind a
/// pooler they are not to be found: there each batch names the number of its session, holds the writer's row while it runs, and does
/// nothing once a later session has raised that number.
/// </summary>
internal sealed class PostgresFence
{
    private const string Who =
        """
        SELECT pid, backend_start,
            (SELECT bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc WHERE proname = 'pg_terminate_backend')
        FROM pg_stat_activity WHERE pid = pg_backend_pid()
        """;

    private const string End =
        """
        SELECT pg_terminate_backend(a.pid) FROM unnest($1::int[], $2::timestamptz[]) AS e (pid, start)
        JOIN pg_stat_activity a ON a.pid = e.pid AND a.backend_start = e.start
        """;

    private const string Raise =
        $"""
        WITH settings AS MATERIALIZED (SELECT {PostgresSettings.Values}),
        old AS (DELETE FROM collaboration_writers WHERE seen_at < now() - interval '30 days' AND id <> $1)
        INSERT INTO collaboration_writers AS w (id, fence, seen_at) SELECT $1, 1, now() FROM settings
        ON CONFLICT (id) DO UPDATE SET fence = w.fence + 1, seen_at = now() RETURNING fence
        """;

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly List<Backend> _earlier = [];
    private Backend? _current;

    /// <summary>This writer, in its row.</summary>
    private Guid Writer { get; } = Guid.NewGuid();

    /// <summary>The number that batches must name; null if no pooler is in between and none is needed.</summary>
    private long? Number { get; set; }

    /// <summary>
    /// The head of a batch's statement: its settings, and nothing at all where the fence has been raised since its session began.
    /// </summary>
    /// <param name="parameters">How many parameters the statement has without the fence's.</param>
    public string Head(int parameters) => Number is null
        ? $"WITH settings AS MATERIALIZED (SELECT {PostgresSettings.Values}),"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"""
            WITH settings AS MATERIALIZED (
                SELECT {PostgresSettings.Values} FROM collaboration_writers
                WHERE id = ${parameters + 1} AND fence = ${parameters + 2} FOR SHARE
            ),
            """);

    /// <summary>Readies the statement that <see cref="Head"/> begins.</summary>
    public async ValueTask PrepareAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        // Behind a pooler a prepared statement may be in a session that the next transaction does not get.
        if (Number is not { } number) await command.PrepareAsync(cancellationToken);
        else
        {
            command.Parameters.Add(new() { Value = Writer });
            command.Parameters.Add(new() { Value = number });
        }
    }

    /// <summary>A session begins: when this completes, no earlier one can commit anything more.</summary>
    public async ValueTask EnterAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Number = null;
        if (_current is { } last) _earlier.Add(last);
        _current = null;
        _current = await FindAsync(connection, cancellationToken);
        // A session that was direct may have been followed by one behind a pooler; it is ended all the same.
        await EndEarlierAsync(connection, cancellationToken);
        if (_current is null) Number = await RaiseAsync(connection, cancellationToken);
    }

    /// <returns>The session's backend; null if it is a pooler's to give, or may not be ended.</returns>
    private static async ValueTask<Backend?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Who, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var (pid, mayEnd) = (reader.GetInt32(0), reader.GetBoolean(2));
        // A pooler makes up the number of the process that it tells its clients.
        return pid == connection.ProcessID && mayEnd && !reader.IsDBNull(1) ? new(pid, reader.GetDateTime(1)) : null;
    }

    private async ValueTask EndEarlierAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_earlier.Count == 0) return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(EndsWithin);
        try
        {
            while (await CountEndingAsync(connection, cancellationToken) > 0) await Task.Delay(Pause, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("An earlier session of this writer does not end.", e);
        }
        _earlier.Clear();
    }

    /// <summary>Tells the earlier sessions to end. A backend that has ended is in the list no more.</summary>
    private async ValueTask<int> CountEndingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(End, connection)
        {
            Parameters =
            {
                new() { Value = _earlier.Select(b => b.ProcessId).ToArray() },
                new() { Value = _earlier.Select(b => b.Started).ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var count = 0;
        while (await reader.ReadAsync(cancellationToken)) count++;
        return count;
    }

    /// <summary>Waits for a batch of an earlier session that is being committed at this moment.</summary>
    private async ValueTask<long> RaiseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Raise, connection) { Parameters = { new() { Value = Writer } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private readonly record struct Backend(int ProcessId, DateTime Started);
}
