using System.Net.Sockets;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>What PostgreSQL's and the driver's exceptions mean to us.</summary>
internal static class PostgresFailure
{
    private const string MessageIdIndex = "ux_persisted_collaboration_messages_run_id_id";

    public static bool IsDuplicateMessage(PostgresException e) =>
        e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: MessageIdIndex };

    /// <summary>A statement has waited too long, most likely for a row that another session holds.</summary>
    public static bool IsLocked(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled;

    /// <summary>
    /// Classes 22 (data), 23 (constraints) and 54 (limits) are about what was sent; everything else is about the server or the way to it.
    /// </summary>
    public static StoreException Explain(Exception e) => new(
        e is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] } ? StoreFailure.Rejected : StoreFailure.Unavailable, e);

    public static bool IsFailure(Exception e) =>
        e is NpgsqlException or TimeoutException or IOException or SocketException or ObjectDisposedException
            || (e is InvalidOperationException && e.InnerException is NpgsqlException);

    /// <summary>
    /// Lets go of all connections if the failure is one of their session: closed only, they would come back from the pool as they are.
    /// </summary>
    public static void LetGo(this NpgsqlDataSource source, Exception e)
    {
        if (IsOfSession(e)) source.Clear();
    }

    public static async ValueTask<T> Guard<T>(this NpgsqlDataSource source, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (IsFailure(e))
        {
            source.LetGo(e);
            throw Explain(e);
        }
    }

    public static async ValueTask Guard(this NpgsqlDataSource source, Func<Task> work) => await source.Guard(async () =>
    {
        await work();
        return true;
    });

    /// <summary>
    /// Whether it is the session that cannot do it, and a new one may: classes 08 (protocol), 25 (transaction state: read-only, as after a
    /// failover) and 26 (a prepared statement that is gone, as behind a pooler), and a plan that no longer fits its tables. None of them
    /// breaks the connection.
    /// </summary>
    private static bool IsOfSession(Exception e) =>
        e is PostgresException { SqlState: ['0', '8', ..] or ['2', '5' or '6', ..] or PostgresErrorCodes.FeatureNotSupported };
}
