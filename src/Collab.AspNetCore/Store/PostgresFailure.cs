using System.Net.Sockets;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>What PostgreSQL's and the driver's exceptions mean to us.</summary>
internal static class PostgresFailure
{
    private const string MessageIdIndex = "ux_persisted_collaboration_messages_run_id_id";

    public static bool IsDuplicateMessage(PostgresException e) => e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: MessageIdIndex };

    /// <summary>Classes 22 (data), 23 (constraints) and 54 (limits) are about what was sent; everything else is about the server or the way to it.</summary>
    public static StoreException Explain(Exception e) => new(
        e is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] } ? StoreFailure.Rejected : StoreFailure.Unavailable, e);

    public static bool IsFailure(Exception e) =>
        e is NpgsqlException or TimeoutException or IOException or SocketException or ObjectDisposedException || (e is InvalidOperationException && e.InnerException is NpgsqlException);

    public static async ValueTask<T> Guard<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Explain(e);
        }
    }

    public static async ValueTask Guard(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Explain(e);
        }
    }
}
