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

    /// <summary>
    /// As <see cref="Guard"/> for work that can take long: on a thread of its own, for the pool has few, and everybody needs them.
    /// </summary>
    public static ValueTask<T> GuardAside<T>(Func<T> work) => new(Task.Factory.StartNew(
        () =>
        {
            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                throw Explain(e);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));

    /// <summary>As <see cref="Guard"/> for work that a provider-neutral part does.</summary>
    public static async ValueTask<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    public static async ValueTask AsVoid<T>(this ValueTask<T> task) => await task;
}
