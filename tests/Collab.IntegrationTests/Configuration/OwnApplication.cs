using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Collab.AspNetCore;
using Collab.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.IntegrationTests.Configuration;

/// <summary>An application with its own authentication, its own rule about runs, and a hub of its own, to which Collab is added as a library.</summary>
internal sealed class OwnApplication : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("application");
    private readonly WebApplication _app;

    private OwnApplication(bool signalRLast, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = _folder.Path });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, address =>
        {
            if (certificate is not null) address.UseHttps(certificate);
        }));
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ErrorList(Errors));
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddAuthentication("Badge").AddScheme<AuthenticationSchemeOptions, BadgeHandler>("Badge", null);
        if (!signalRLast) builder.Services.AddSignalR();
        builder.Services.AddSingleton<Rule>();
        builder.Services.AddScoped<Table>();
        builder.Services.AddCollab().UseSqlite(_folder["events.db"]).AuthorizeRunsWith<TableAuthorizer>()
            .Configure(o => (o.Limits.PublishPerSecond, o.Limits.PublishPerMinute) = (0, 0));
        if (signalRLast) builder.Services.AddSignalR();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }) BareSockets.Enqueue(AspNetCore.Hub.HubWire.SocketOf(context) is not null);
            return next(context);
        });
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapCollab();
        _app.MapHub<OwnHub>("/own/hubs/collaboration");
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>For each WebSocket, whether Collab found nothing between it and its socket.</summary>
    public ConcurrentQueue<bool> BareSockets { get; } = new();

    /// <summary>What was logged as an error.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>The application's clock, which can be put forward.</summary>
    public ShiftedTime Clock { get; } = new();

    /// <summary>What Collab knows to be open.</summary>
    public OpenConnections Connections => new(_app.Services.GetRequiredService<AspNetCore.Monitoring.ConnectionMonitor>());

    /// <summary>What the application's rule about runs goes by.</summary>
    public Rule Authorizer => _app.Services.GetRequiredService<Rule>();

    /// <param name="signalRLast">Whether the application adds SignalR for its own hub after Collab, and not before.</param>
    /// <param name="certificate">Speaks TLS with it; null: plain HTTP.</param>
    public static async Task<OwnApplication> StartAsync(bool signalRLast = false, X509Certificate2? certificate = null)
    {
        var application = new OwnApplication(signalRLast, certificate);
        await application._app.StartAsync();
        return application;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Lets everybody write once its gate is open, and nobody into a run that it was told of. It never answers at once.</summary>
    public sealed class Rule
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentDictionary<Guid, RunAccess> Exceptions { get; } = new();

        /// <summary>The run about which the rule fails.</summary>
        public Guid Trouble { get; } = Guid.NewGuid();

        public Arrivals<Guid> Asked { get; } = new();

        public void Open() => _gate.TrySetResult();

        public async ValueTask<RunAccess> GetAsync(Guid runId, CancellationToken cancellationToken)
        {
            Asked.Add(runId);
            await _gate.Task.WaitAsync(cancellationToken);
            await Task.Yield();
            return runId == Trouble ? throw new InvalidOperationException("The table is locked.") : Exceptions.GetValueOrDefault(runId, RunAccess.Write);
        }
    }

    /// <summary>What a rule reads from, as a DbContext is: for one at a time, and gone with its scope.</summary>
    private sealed class Table(Rule rule) : IDisposable
    {
        private int _uses;
        private bool _isDisposed;

        public async ValueTask<RunAccess> ReadAsync(Guid runId, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Interlocked.Increment(ref _uses) != 1) throw new InvalidOperationException("A second operation was started on this instance.");
            return await rule.GetAsync(runId, cancellationToken);
        }

        public void Dispose() => _isDisposed = true;
    }

    private sealed class TableAuthorizer(Table table) : IRunAuthorizer
    {
        public ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken) => table.ReadAsync(runId, cancellationToken);
    }

    /// <summary>The system's clock, put forward.</summary>
    public sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _shift));

        public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Volatile.Read(ref _shift)).TotalSeconds * TimestampFrequency);
    }

    public sealed class OpenConnections
    {
        private readonly AspNetCore.Monitoring.ConnectionMonitor _monitor;

        internal OpenConnections(AspNetCore.Monitoring.ConnectionMonitor monitor) => _monitor = monitor;

        public Task NoneAsync() => CountAsync(0);

        public Task CountAsync(int count) => Eventually.TrueAsync(() => _monitor.Open.Count(r => r.Runs.Length > 0 || count == 0) == count);
    }

    private sealed class ErrorList(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) errors.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }

    private sealed class BadgeHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var badge = Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
            if (badge.Length == 0) badge = Request.Query["access_token"].ToString();
            if (badge.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, badge)], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new(user, Scheme.Name)));
        }
    }

    private sealed class OwnHub : Microsoft.AspNetCore.SignalR.Hub
    {
        public int Double(int number) => number * 2;

        public void Fail() => throw new HubException("in my own words");
    }
}
