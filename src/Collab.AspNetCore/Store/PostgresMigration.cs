using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Brings the schema of a PostgreSQL database up to date, one server at a time. Where nothing is missing it only reads.</summary>
internal sealed class PostgresMigration(NpgsqlDataSource source, RunCatalog catalog)
{
    /// <summary>Any number that no other application locks in this database.</summary>
    private const long Key = 0x436F_6C6C_6162;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await catalog.IsMigratedAsync(cancellationToken)) return;
        await using var turn = await TakeTurnAsync(cancellationToken);
        if (await catalog.IsMigratedAsync(cancellationToken)) return;
        try
        {
            await catalog.MigrateAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            throw new StoreUnusableException(
                "Collab:Store:MigrateOnStart: the schema is older than this server, and this connection may not change it: "
                + $"{e.MessageText}. "
                + "Run 'Collab.Server migrate' as the owner of the tables.");
        }
    }

    /// <summary>
    /// Waits for a server that is at it. EF Core has a lock of its own, but makes the table that it locks before, and two may do so at
    /// once.
    /// </summary>
    private async Task<NpgsqlConnection?> TakeTurnAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // There is no such database yet: it is made.
            return null;
        }
        try
        {
            // Of the transaction, not of the session: behind a pooler the session is not ours. It ends with the connection.
            await ExecuteAsync(connection, "BEGIN");
            await ExecuteAsync(connection, "SET LOCAL idle_in_transaction_session_timeout = 0");
            while (!(bool)(await ExecuteAsync(connection, $"SELECT pg_try_advisory_xact_lock({Key})"))!)
                await Task.Delay(Pause, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        async Task<object?> ExecuteAsync(NpgsqlConnection on, string sql)
        {
            await using var command = new NpgsqlCommand(sql, on);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }
}
