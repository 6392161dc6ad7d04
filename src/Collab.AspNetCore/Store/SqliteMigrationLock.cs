using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The row by which EF Core keeps two processes from migrating one SQLite file at once. It is waited for without an end, and a process that
/// is killed while it migrates leaves it behind: its next start would say nothing and never be over.
/// </summary>
internal static class SqliteMigrationLock
{
    /// <summary>No migration of ours takes this long.</summary>
    private static readonly TimeSpan LeftBehindAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Completes when the lock is free, or its holder has had the time it needs.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static async Task ForgetIfLeftBehindAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        if (Ask(connection, "SELECT 1 FROM sqlite_master WHERE name = '__EFMigrationsLock'") is null) return;

        var holder = Holder(connection);
        for (var waited = TimeSpan.Zero; waited < LeftBehindAfter; waited += Pause)
        {
            if (holder is null || Holder(connection) != holder) return;
            await Task.Delay(Pause, cancellationToken);
        }
        Ask(connection, "DELETE FROM __EFMigrationsLock WHERE Timestamp = $holder", holder);
    }

    private static string? Holder(SqliteConnection connection) => Ask(connection, "SELECT Timestamp FROM __EFMigrationsLock") as string;

    private static object? Ask(SqliteConnection connection, string sql, string? holder = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (holder is not null) command.Parameters.AddWithValue("$holder", holder);
        return command.ExecuteScalar();
    }
}
