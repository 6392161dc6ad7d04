namespace Collab.AspNetCore.Store;

/// <summary>
/// What a transaction needs of its session's settings, said in the transaction itself: what the database, the role or a reload of the
/// configuration sets does not matter then, behind a pooler the next transaction may be in another session, and nothing is left in one that
/// others use too.
/// </summary>
internal static class PostgresSettings
{
    /// <summary>"Acknowledged means durable" must not hang on how the database was set up. A stricter setting stays as it is.</summary>
    private const string Durable =
        "set_config('synchronous_commit', "
        + "CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";

    /// <summary>
    /// How long a run's row is waited for. Other servers hold it for a commit, which is milliseconds; who holds it longer must not keep a
    /// whole batch, and all that is queued behind it, for as long as a statement may take. A time limit for statements must not be reached
    /// first: it does not say why.
    /// </summary>
    private const string Patience =
        """
        set_config('lock_timeout', CASE current_setting('statement_timeout') WHEN '0' THEN '500' ELSE
            least(500, greatest(1, extract(epoch FROM current_setting('statement_timeout')::interval) * 500))::int::text END, true)
        """;

    /// <summary>The values of a SELECT that makes them hold until the end of its transaction.</summary>
    public const string Values = $"{Durable}, {Patience}";

    /// <summary>
    /// First in a transaction that takes more than one round trip: PostgreSQL ends it if the server stands still in the middle, which would
    /// otherwise keep the run from all servers. It returns a row.
    /// </summary>
    public const string Begin = $"SELECT {Values}, set_config('idle_in_transaction_session_timeout', '10s', true)";
}
