namespace Collab.AspNetCore.Store;

/// <summary>The statements about handlers, the same in both stores but for what they call the time.</summary>
/// <param name="now">The time.</param>
/// <param name="inSeconds">The time in so many seconds, an expression.</param>
/// <param name="secondsUntil">How many seconds from now until a time in a column.</param>
internal sealed class HandlerSql(string now, Func<string, string> inSeconds, Func<string, string> secondsUntil)
{
    public static readonly HandlerSql Postgres = new(
        "now()", seconds => $"now() + make_interval(secs => {seconds})", column => $"extract(epoch FROM {column} - now())::float8");

    public static readonly HandlerSql Sqlite = new(
        "strftime('%Y-%m-%d %H:%M:%f', 'now')", seconds => $"strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds')",
        column => $"(julianday({column}) - julianday('now')) * 86400.0");

    /// <summary>All runs are about to get other epochs, with the events that they have. A position in an older log is none.</summary>
    public const string BeforeRenewal =
        """
        UPDATE collaboration_handler_runs SET position = 0, attempts = 0, retry_at = NULL, error = NULL, parked_at = NULL
        WHERE epoch <> (SELECT r.epoch FROM collaboration_runs r WHERE r.id = run_id)
        """;

    /// <summary>They have them: the positions are of the same events as before.</summary>
    public const string AfterRenewal =
        """
        UPDATE collaboration_handler_runs SET epoch = (SELECT r.epoch FROM collaboration_runs r WHERE r.id = run_id)
        WHERE EXISTS (SELECT 1 FROM collaboration_runs r WHERE r.id = run_id)
        """;

    private const string HasNews =
        "r.last_sequence > 0 AND (h.run_id IS NULL OR h.epoch <> r.epoch OR r.last_sequence > h.position) AND "
        + IsNotParked;

    /// <summary>One that was given up in a log that was erased is not given up in the one that came after it.</summary>
    private const string IsNotParked = "(h.parked_at IS NULL OR h.epoch <> r.epoch)";

    private const string Runs = "collaboration_runs r LEFT JOIN collaboration_handler_runs h ON h.handler = @handler AND h.run_id = r.id";

    private string IsAlive(string owner) =>
        $"EXISTS (SELECT 1 FROM collaboration_handler_owners o WHERE o.id = {owner} AND o.alive_until > {now})";

    /// <summary>Returns a row the first time.</summary>
    public string Register =>
        $"""
        INSERT INTO collaboration_handlers (name, created_at, seen_at) VALUES (@handler, {now}, {now})
        ON CONFLICT (name) DO NOTHING RETURNING name
        """;

    public const string SkipAll =
        """
        INSERT INTO collaboration_handler_runs (handler, run_id, epoch, position)
        SELECT @handler, id, epoch, last_sequence FROM collaboration_runs WHERE last_sequence > 0 ON CONFLICT (handler, run_id) DO NOTHING
        """;

    /// <summary>A run begins as a copy of another: what was copied is handled where it was published, and not once more.</summary>
    /// <param name="run">The new run, an expression.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="position">The last event that was copied.</param>
    /// <param name="from">Where they come from: what is said after the handlers in a FROM.</param>
    public static string BeginAfter(string run, string epoch, string position, string from = "") =>
        $"""
        INSERT INTO collaboration_handler_runs (handler, run_id, epoch, position)
        SELECT n.name, {run}, {epoch}, {position} FROM collaboration_handlers n{from} WHERE true
        ON CONFLICT (handler, run_id) DO UPDATE SET epoch = excluded.epoch, position = excluded.position, owner = NULL,
            attempts = 0, retry_at = NULL, error = NULL, parked_at = NULL
        """;

    public string See => $"UPDATE collaboration_handlers SET seen_at = {now} WHERE name = @handler";

    public string Renew =>
        $"""
        INSERT INTO collaboration_handler_owners (id, alive_until) VALUES (@owner, {inSeconds("@seconds")})
        ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
        """;

    public string ForgetDead => $"DELETE FROM collaboration_handler_owners WHERE alive_until < {now} AND id <> @owner";

    public const string Leave =
        """
        UPDATE collaboration_handler_runs SET owner = NULL WHERE owner = @owner;
        DELETE FROM collaboration_handler_owners WHERE id = @owner
        """;

    public string Claim =>
        $"""
        INSERT INTO collaboration_handler_runs AS h (handler, run_id, epoch, position, owner)
        SELECT @handler, r.id, r.epoch, coalesce(r.branched_from_sequence, 0), @owner FROM collaboration_runs r
        WHERE r.id = @run AND {IsAlive("@owner")}
        ON CONFLICT (handler, run_id) DO UPDATE SET owner = excluded.owner, parked_at = NULL,
            attempts = CASE WHEN h.epoch = excluded.epoch THEN h.attempts ELSE 0 END,
            retry_at = CASE WHEN h.epoch = excluded.epoch THEN h.retry_at END, error = CASE WHEN h.epoch = excluded.epoch THEN h.error END
        WHERE (h.parked_at IS NULL OR h.epoch <> excluded.epoch)
            AND (h.owner IS NULL OR h.owner = excluded.owner OR NOT {IsAlive("h.owner")})
        RETURNING epoch, position, attempts, {secondsUntil("retry_at")}
        """;

    /// <summary>Why there was nothing to claim.</summary>
    public const string WhyNot =
        """
        SELECT h.parked_at IS NOT NULL AND h.epoch = r.epoch FROM collaboration_runs r
        LEFT JOIN collaboration_handler_runs h ON h.handler = @handler AND h.run_id = r.id WHERE r.id = @run
        """;

    public const string Move =
        """
        UPDATE collaboration_handler_runs SET epoch = @epoch, position = @position, attempts = 0, retry_at = NULL, error = NULL,
            owner = CASE WHEN @release THEN NULL ELSE owner END
        WHERE handler = @handler AND run_id = @run AND owner = @owner
        """;

    public string Retry =>
        $"""
        UPDATE collaboration_handler_runs
        SET epoch = @epoch, position = @position, attempts = @attempts, error = @error, retry_at = {inSeconds("@seconds")}
        WHERE handler = @handler AND run_id = @run AND owner = @owner
        """;

    public string Park =>
        $"""
        UPDATE collaboration_handler_runs
        SET epoch = @epoch, position = @position, attempts = @attempts, error = @error, retry_at = NULL, parked_at = {now}, owner = NULL
        WHERE handler = @handler AND run_id = @run AND owner = @owner
        """;

    public string FindWork => $"SELECT r.id FROM {Runs} WHERE {HasNews} AND (h.owner IS NULL OR NOT {IsAlive("h.owner")}) LIMIT @limit";

    public string Standings =>
        $"""
        SELECT n.name,
            (SELECT coalesce(sum(r.last_sequence - CASE WHEN h.epoch = r.epoch THEN h.position ELSE 0 END), 0) FROM collaboration_runs r
                LEFT JOIN collaboration_handler_runs h ON h.handler = n.name AND h.run_id = r.id WHERE {IsNotParked}),
            (SELECT count(*) FROM collaboration_handler_runs h JOIN collaboration_runs r ON r.id = h.run_id AND r.epoch = h.epoch
                WHERE h.handler = n.name AND h.parked_at IS NOT NULL),
            {secondsUntil("n.seen_at")}
        FROM collaboration_handlers n ORDER BY n.name
        """;

    public const string Parked =
        """
        SELECT h.run_id, h.position, h.attempts, h.parked_at, h.error FROM collaboration_handler_runs h
        JOIN collaboration_runs r ON r.id = h.run_id AND r.epoch = h.epoch
        WHERE h.handler = @handler AND h.parked_at IS NOT NULL ORDER BY h.parked_at, h.run_id LIMIT @limit
        """;

    public const string Unpark =
        """
        UPDATE collaboration_handler_runs SET parked_at = NULL, attempts = 0, retry_at = NULL, error = NULL, position = position + @skip
        WHERE handler = @handler AND run_id = @run AND parked_at IS NOT NULL
            AND EXISTS (SELECT 1 FROM collaboration_runs r WHERE r.id = @run AND r.epoch = collaboration_handler_runs.epoch)
        """;
}
