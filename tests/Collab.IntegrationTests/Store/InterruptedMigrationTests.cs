using Collab.AspNetCore;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>A server that was killed while it brought a SQLite file up to date starts again.</summary>
public sealed class InterruptedMigrationTests : IDisposable
{
    private const string LeaveLock =
        """
        CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER NOT NULL PRIMARY KEY, Timestamp TEXT NOT NULL);
        INSERT INTO __EFMigrationsLock VALUES (1, '2026-11-22 13:00:00.0000000+00:00');
        """;

    private readonly TemporaryFolder _folder = new("interrupted");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_lock_that_was_left_behind_is_waited_for_in_vain_and_then_forgotten(bool wasMigratedBefore)
    {
        var options = new StoreOptions { Path = Path.Combine(_folder.Path, "collab.db") };
        await using var store = new SqliteRunStore(options);
        if (wasMigratedBefore) await store.MigrateAsync(default);
        await using (var connection = new SqliteConnection($"Data Source={options.Path};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = LeaveLock;
            await command.ExecuteNonQueryAsync();
        }

        await store.MigrateAsync(default).WaitAsync(Patience.Default);

        await store.CheckAsync(default);
    }
}
