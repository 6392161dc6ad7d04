using System.Net;
using Collab.AspNetCore;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Collab.IntegrationTests.Embedding;

/// <summary>An application in this process that adds events, states and guards of its own to Collab, on either store; it can be started again on what it has stored.</summary>
internal sealed class EmbeddedApplication : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("embedded");
    private readonly string? _database;
    private readonly Action<CollabBuilder> _collab;
    private readonly IEnumerable<KeyValuePair<string, string?>> _configuration;
    private readonly Action<WebApplicationBuilder>? _build;
    private readonly Action<WebApplication>? _use;
    private WebApplication? _app;

    private EmbeddedApplication(
        string? database, Action<CollabBuilder> collab, IEnumerable<KeyValuePair<string, string?>> configuration, Action<WebApplicationBuilder>? build,
        Action<WebApplication>? use) => (_database, _collab, _configuration, _build, _use) = (database, collab, configuration, build, use);

    public Uri Address => new(_app!.Urls.Single());

    public IServiceProvider Services => _app!.Services;

    /// <summary>What was logged as an error.</summary>
    public Arrivals<string> Errors { get; } = new();

    /// <param name="collab">Goes on from <c>AddCollab()</c>.</param>
    /// <param name="configuration">Keys of the configuration.</param>
    /// <param name="database">A PostgreSQL database; null: a SQLite file.</param>
    /// <param name="build">What else the application is about.</param>
    /// <param name="use">Its other endpoints.</param>
    public static async Task<EmbeddedApplication> StartAsync(
        Action<CollabBuilder> collab, IEnumerable<KeyValuePair<string, string?>>? configuration = null, string? database = null,
        Action<WebApplicationBuilder>? build = null, Action<WebApplication>? use = null)
    {
        var application = new EmbeddedApplication(database, collab, configuration ?? [], build, use);
        await application.StartAsync();
        return application;
    }

    /// <summary>On an empty database of the store.</summary>
    public static async Task<EmbeddedApplication> StartAsync(
        StoreKind store, PostgresFixture postgres, Action<CollabBuilder> collab, IEnumerable<KeyValuePair<string, string?>>? configuration = null) =>
        await StartAsync(collab, configuration, store == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null);

    /// <summary>Ends it, and starts it on what is stored.</summary>
    public async Task RestartAsync()
    {
        await _app!.DisposeAsync();
        await StartAsync();
    }

    public Task<HubClient> ConnectAsync(string user) => HubClient.ConnectAsync(Address, TestTokens.Create(user));

    public ApiClient Api(string user) => new(Address, TestTokens.Create(user));

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = _folder.Path });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ErrorLog(Errors));
        builder.Configuration.AddInMemoryCollection([new("Collab:Auth:SigningKey", TestTokens.Key)]).AddInMemoryCollection(_configuration);
        var collab = builder.Services.AddCollab().UseJwtBearer()
            .Configure(o => (o.Limits.PublishPerSecond, o.Limits.PublishPerMinute) = (0, 0));
        _collab(_database is null ? collab.UseSqlite(_folder["events.db"]) : collab.UsePostgres(_database));
        _build?.Invoke(builder);
        _app = builder.Build();
        _app.MapCollab();
        _use?.Invoke(_app);
        await _app.StartAsync();
    }

    private sealed class ErrorLog(Arrivals<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) errors.Add($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
