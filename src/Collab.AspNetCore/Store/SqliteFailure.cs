using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>What SQLite's error codes mean to us.</summary>
internal static class SqliteFailure
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int UniqueConstraint = 2067;

    public static bool IsDuplicateMessage(SqliteException e) => e.SqliteExtendedErrorCode == UniqueConstraint;

    public static StoreException Explain(SqliteException e) =>
        new(e.SqliteErrorCode is Constraint or TooBig ? StoreFailure.Rejected : StoreFailure.Unavailable, e);

    /// <summary>SQLite has no asynchronous calls; the work runs where it is called.</summary>
    public static ValueTask<T> Guard<T>(Func<T> work)
    {
        try
        {
            return new(work());
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    public static async ValueTask AsVoid<T>(this ValueTask<T> task) => await task;
}
