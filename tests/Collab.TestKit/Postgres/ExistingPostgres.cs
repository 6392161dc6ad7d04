namespace Collab.TestKit;

/// <summary>A server that was there before the tests and stays after them; only the databases made here go.</summary>
/// <param name="connectionString">As a user who may create databases.</param>
internal sealed class ExistingPostgres(string connectionString) : PostgresServer
{
    protected override string ConnectionString { get; } = connectionString;

    public override async ValueTask DisposeAsync()
    {
        foreach (var database in Databases) await ExecuteAsync($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    }
}
