using System.Collections.Concurrent;
using Npgsql;

namespace Collab.TestKit;

/// <summary>A PostgreSQL server for tests. Each test makes a database of its own, so that no test sees another's data.</summary>
public abstract class PostgresServer : IAsyncDisposable
{
    private const string None =
        "The tests need PostgreSQL: install its server (Debian: postgresql), set COLLAB_TEST_POSTGRES to a connection string, "
        + "or start Docker.";

    private const string NonePrivate =
        "This test stops or kills its PostgreSQL, so it needs one of its own: install the server (Debian: postgresql), or start Docker.";

    private const string NoEngine = "COLLAB_TEST_POSTGRES=container wants PostgreSQL in a container, and no Docker engine answers.";

    /// <summary>As old as the oldest that is supported, like the one that Debian's stable release has.</summary>
    private const string Image = "postgres:15";

    private readonly ConcurrentBag<string> _databases = [];

    private static string? Setting => Environment.GetEnvironmentVariable(PostgresSource.Variable);

    /// <summary>The names of the databases made here.</summary>
    protected IReadOnlyCollection<string> Databases => _databases;

    /// <summary>Connects to the server's maintenance database, as a user who may create databases.</summary>
    protected abstract string ConnectionString { get; }

    /// <summary>
    /// Starts a server to share between tests: the one that the environment variable <c>COLLAB_TEST_POSTGRES</c> names
    /// (a connection string, or <c>container</c>), else a cluster of the machine's own PostgreSQL, else a container.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is none of these.</exception>
    public static async Task<PostgresServer> StartAsync() =>
        Kind(alone: false) is PostgresKind.Existing ? new ExistingPostgres(Setting!) : await StartPrivateAsync(None);

    /// <summary>Starts a server for one test alone, which may stop, kill and freeze it.</summary>
    /// <exception cref="InvalidOperationException">There is no way to start one.</exception>
    public static Task<PrivatePostgres> StartPrivateAsync() => StartPrivateAsync(NonePrivate);

    /// <summary>Starts one that has a replica, which takes its place when it fails; of the machine's own PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static Task<ReplicatedPostgres> StartReplicatedAsync() =>
        ReplicatedPostgres.StartAsync(PostgresBinaries.Find() ?? throw new InvalidOperationException(NonePrivate));

    /// <summary>Starts one whose data is on a disk of its own that can be filled; as root alone, for a disk is mounted.</summary>
    /// <param name="megabytes">The size of the disk.</param>
    /// <returns>The server, and its disk.</returns>
    /// <exception cref="InvalidOperationException">It is not installed, or nothing can be mounted.</exception>
    public static async Task<(PrivatePostgres Server, SmallDisk Disk)> StartOnSmallDiskAsync(int megabytes)
    {
        var server = await LocalPostgres.StartAsync(PostgresBinaries.Find() ?? throw new InvalidOperationException(NonePrivate), megabytes);
        return (server, server.Disk);
    }

    /// <summary>Creates an empty database.</summary>
    /// <returns>The connection string to it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"collab_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        _databases.Add(name);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Ends the server and deletes its data. A server that was there before only loses the databases made here.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Runs a statement in the maintenance database.</summary>
    protected async Task ExecuteAsync(string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static PostgresKind Kind(bool alone) => PostgresSource.Choose(Setting, PostgresBinaries.Find() is not null, alone);

    private static async Task<PrivatePostgres> StartPrivateAsync(string none)
    {
        var binaries = PostgresBinaries.Find();
        if (binaries is not null && Kind(alone: true) is PostgresKind.Local) return await LocalPostgres.StartAsync(binaries);
        return await ContainerPostgres.StartContainerAsync(Image, binaries is null ? none : NoEngine);
    }
}
