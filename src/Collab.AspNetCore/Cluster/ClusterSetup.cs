using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Cluster;

/// <summary>Adds what makes a server one of several. Where nothing is shared there is none of it, and it costs nothing.</summary>
internal static class ClusterSetup
{
    public static void AddCluster(this IServiceCollection services)
    {
        services.AddSingleton<BusChoice>();
        services.AddSingleton<IValidateOptions<CollabOptions>, BusRule>();
        services.AddSingleton<Members>();
        services.AddSingleton<OwnVitals>();
        services.AddSingleton<IDrainSink>(s => s.GetRequiredService<OwnVitals>());
        services.AddSingleton<Coverage>();
        services.AddSingleton<Asks>();
        services.AddSingleton<BusMetrics>();
        services.AddSingleton(s => new Outbound(
            BusOf(s)!, s.GetRequiredService<Members>(), KeyOf(s), s.GetRequiredService<BusMetrics>(),
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ClusterNews(
            BusOf(s)!, s.GetRequiredService<Subscriptions>(), s.GetRequiredService<Outbound>(), s.GetRequiredService<Members>(),
            s.GetRequiredService<Coverage>(), s.GetRequiredService<Asks>(), s.GetRequiredService<Questions>(),
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<Subscriptions>(s, BusOf(s)!));
        services.AddSingleton<Questions>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<AnswerDesk>(s, BusOf(s)!));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<UserCounts>(s, BusOf(s)!));
        services.AddSingleton<IDrainSink>(s => BusOf(s) is null ? NoDrainSink.Instance : s.GetRequiredService<UserCounts>());
        services.AddSingleton(s => new Inbound(
            s.GetRequiredService<Feeds>(), s.GetRequiredService<ClusterNews>(), s.GetRequiredService<Outbound>(),
            s.GetRequiredService<Members>(), s.GetRequiredService<Coverage>(), s.GetRequiredService<Asks>(),
            s.GetRequiredService<Questions>(), s.GetRequiredService<AnswerDesk>(), s.GetRequiredService<UserCounts>(),
            s.GetRequiredService<ConnectionMonitor>(), KeyOf(s), s.GetRequiredService<BusMetrics>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<Inbound>>()));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<ClusterService>(s, BusOf(s)!));
        // After those whose state it tells.
        services.AddSingleton<IDrainSink>(s => BusOf(s) is null ? NoDrainSink.Instance : s.GetRequiredService<ClusterService>());
        services.AddSingleton<IFeedNews>(s => BusOf(s) is null ? NoFeedNews.Instance : s.GetRequiredService<ClusterNews>());
        services.AddSingleton<ICommitSink>(s => BusOf(s) is null ? NoFeedNews.Instance : s.GetRequiredService<ClusterNews>());
        services.AddSingleton(s => new OtherServers(
            s.GetRequiredService<Members>(), BusOf(s), s.GetRequiredService<Coverage>(),
            BusOf(s) is null ? null : s.GetRequiredService<Questions>()));
        services.AddSingleton<ClusterUsers>();
        services.AddSingleton<IHostedService>(s => BusOf(s) is null ? new Alone() : s.GetRequiredService<ClusterService>());
        services.AddSingleton<IHostedService>(s => BusOf(s) is null ? new Alone() : ActivatorUtilities.CreateInstance<FirstEcho>(s));
        services.AddSingleton<IPostConfigureOptions<HealthCheckServiceOptions>, BusHealthSetup>();
    }

    private static ICollabBus? BusOf(IServiceProvider services) => services.GetRequiredService<BusChoice>().Bus;

    private static byte[]? KeyOf(IServiceProvider services) =>
        Envelope.KeyOf(services.GetRequiredService<IOptions<CollabOptions>>().Value.Bus.Key);

    /// <summary>Runs nothing.</summary>
    private sealed class Alone : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Where there is no other server to be told of a drain.</summary>
internal sealed class NoDrainSink : IDrainSink
{
    public static readonly NoDrainSink Instance = new();

    public void DrainChanged(Protocol.DrainState state)
    {
        // There is no other server.
    }
}

/// <summary>Which bus: the application's, or PostgreSQL's own, or none where the store is this server's alone.</summary>
internal sealed class BusChoice : IAsyncDisposable
{
    private readonly PostgresBus? _own;

    public BusChoice(
        IEnumerable<ICollabBus> added, IRunStore store, IOptions<CollabOptions> options, TimeProvider time, ILogger<PostgresBus> logger)
    {
        var settings = options.Value;
        if (!store.IsShared) return;
        Bus = added.LastOrDefault();
        if (Bus is not null || !settings.Bus.Postgres) return;
        Bus = _own = new(
            settings.Bus.PostgresConnection ?? settings.Store.ConnectionString!, settings.Store, settings.Bus.Prefix, time, logger);
    }

    /// <summary>Null: there is none.</summary>
    public ICollabBus? Bus { get; }

    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? default;
}

/// <summary>A bus that is configured, and that nothing brings, stops the start.</summary>
internal sealed class BusRule(IServiceProviderIsService known) : IValidateOptions<CollabOptions>
{
    public ValidateOptionsResult Validate(string? name, CollabOptions options) =>
        options.Bus.Redis is not null && !known.IsService(typeof(ICollabBus))
            ? ValidateOptionsResult.Fail("Collab:Bus:Redis: needs the package Collab.Redis, and UseRedis() after AddCollab().")
            : ValidateOptionsResult.Success;
}

/// <summary>The bus stands among what readiness names, if there is one.</summary>
internal sealed class BusHealthSetup(BusChoice choice, Coverage coverage) : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions options)
    {
        if (choice.Bus is { } bus)
            options.Registrations.Add(new("collab-bus", _ => new BusHealthCheck(bus, coverage), HealthStatus.Degraded, ["ready"]));
    }
}
