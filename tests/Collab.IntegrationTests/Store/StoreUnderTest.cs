using System.Text;
using Collab.AspNetCore;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.Storage;
using Collab.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Collab.IntegrationTests.Store;

/// <summary>The run log of an application that is not a server, on one of the stores, in this process; and its database, to be tampered with.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("store");
    private readonly string? _database;
    private readonly ServiceProvider _services;
    private readonly List<StoreUnderTest> _others = [];

    private StoreUnderTest(string? database, KeyValuePair<string, string?>[] settings, string? file = null)
    {
        (_database, File) = (database, file ?? _folder["collab.db"]);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(NullLoggerFactory.Instance);
        var collab = services.AddLogging().AddCollab();
        _ = database is null ? collab.UseSqlite(File) : collab.UsePostgres(database);
        _services = services.BuildServiceProvider();
    }

    public IRunStore Store => _services.GetRequiredService<IRunStore>();

    public AspNetCore.RunLog.RunLog Log => _services.GetRequiredService<AspNetCore.RunLog.RunLog>();

    public AspNetCore.FanOut.Feeds Feeds => _services.GetRequiredService<AspNetCore.FanOut.Feeds>();

    private string File { get; }

    /// <summary>A log on an empty database without a schema.</summary>
    public static async Task<StoreUnderTest> CreateAsync(StoreKind kind, PostgresFixture postgres, params KeyValuePair<string, string?>[] settings) =>
        new(kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null, settings);

    /// <summary>A log on a PostgreSQL database that the test has connections of its own to.</summary>
    public static StoreUnderTest On(string database) => new(database, []);

    /// <summary>The same database under another configuration, as long as this one is there.</summary>
    public StoreUnderTest With(params KeyValuePair<string, string?>[] settings)
    {
        var other = new StoreUnderTest(_database, settings, File);
        _others.Add(other);
        return other;
    }

    public static Append Append(Guid run, string user = "alice", string data = """{"after":"PM","agentName":"a"}""") =>
        new(run, Guid.CreateVersion7(), EventTypes.Graft, user, UserName: null, Encoding.UTF8.GetBytes(data));

    public static Append Append(Guid run, Guid messageId, string user = "alice", string type = EventTypes.Graft) =>
        new(run, messageId, type, user, UserName: null, """{"after":"PM","agentName":"a"}"""u8.ToArray());

    /// <summary>EF's view of the database, with the migrations that the application would apply.</summary>
    public CollabDbContext Open()
    {
        var options = new DbContextOptionsBuilder<CollabDbContext>();
        return new((_database is null
            ? options.UseSqlite($"Data Source={File};Pooling=False", o => o.MigrationsAssembly("Collab.Migrations.Sqlite"))
            : options.UseNpgsql($"{_database};Pooling=False", o => o.MigrationsAssembly("Collab.Migrations.Postgres"))).Options);
    }

    /// <summary>Runs a statement, with parameters <c>@p0</c>, <c>@p1</c>, …</summary>
    public async Task<object?> ExecuteAsync(string sql, params object[] values)
    {
        await using System.Data.Common.DbConnection connection =
            _database is null ? new SqliteConnection($"Data Source={File};Pooling=False") : new NpgsqlConnection($"{_database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (string.Create(null, $"@p{command.Parameters.Count}"), value);
            command.Parameters.Add(parameter);
        }
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others) await other.DisposeAsync();
        await Log.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _folder.Dispose();
    }
}
