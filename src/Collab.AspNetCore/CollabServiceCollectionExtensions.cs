using Collab.AspNetCore.Access;
using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Draining;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Http;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.InProcess;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Outbox;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Security;
using Collab.AspNetCore.Signatures;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>Adds Collab to an ASP.NET Core application.</summary>
public static class CollabServiceCollectionExtensions
{
    /// <summary>
    /// Adds the hub, the run log and the HTTP API, configured by section <c>Collab</c> (see <see cref="CollabOptions"/>). Events go to a
    /// SQLite file unless the configuration or the returned builder says otherwise. Then call
    /// <see cref="CollabEndpointRouteBuilderExtensions.MapCollab(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)"/>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A builder for the store and for who may do what.</returns>
    public static CollabBuilder AddCollab(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<CollabOptionsBinder>();
        services.AddSingleton<IConfigureOptions<CollabOptions>>(s => s.GetRequiredService<CollabOptionsBinder>());
        services.AddSingleton<IValidateOptions<CollabOptions>>(s => s.GetRequiredService<CollabOptionsBinder>());
        services.AddOptions<CollabOptions>().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);

        AddMonitoring(services);
        // Ends after the run log, whose last commits it tells.
        services.AddCluster();
        AddRunLog(services);
        AddOutbox(services);
        AddFanOut(services);
        AddHub(services);
        AddDrain(services);
        AddHttp(services);
        services.AddSingleton<RunCalls>();
        services.AddSingleton<ICollab, InProcessCollab>();
        var builder = new CollabBuilder(services);
        BuiltInEvents.AddTo(builder);
        return builder;
    }

    private static void AddMonitoring(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<CollabMetrics>();
        services.AddSingleton(s =>
            new Traffic(s.GetRequiredService<CollabMetrics>(), s.GetRequiredService<IOptions<CollabOptions>>().Value.Metrics.Enabled));
        services.AddSingleton<ConnectionMonitor>();
        services.AddSingleton<LastWords>();
        services.AddHostedService<StaleConnections>();
        services.AddSingleton<TrafficHistory>();
        services.AddHostedService(s => s.GetRequiredService<TrafficHistory>());
        services.AddHostedService<ConnectionSweep>();
    }

    private static void AddRunLog(IServiceCollection services)
    {
        services.AddSingleton<IRunStore>(s =>
        {
            var options = s.GetRequiredService<IOptions<CollabOptions>>().Value;
            var (shape, signing) = (s.GetRequiredService<StateShape>(), EventSigning.Of(options.Signing));
            return options.Store.Provider == StoreProvider.Postgres
                ? new PostgresRunStore(options.Store, shape, signing)
                : new SqliteRunStore(options.Store, shape, signing);
        });
        services.AddSingleton(s => s.GetRequiredService<IRunStore>().Handlers);
        services.AddSingleton<StoreStartup>();
        services.AddHostedService(s => s.GetRequiredService<StoreStartup>());
        services.AddSingleton<EventTypeTable>();
        services.AddSingleton<IValidateOptions<CollabOptions>, EventTypesRule>();
        services.AddSingleton<StateFailures>();
        services.AddSingleton(s => s.GetRequiredService<StateFailures>().Observe(
            new StateShape(s.GetRequiredService<EventTypeTable>().LatestBy, [.. s.GetServices<OwnState>()])));
        services.AddSingleton<StateRoom>();
        services.AddSingleton<PublishGuards>();
        services.AddSingleton<PublishSignatures>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<BatchPublisher>();
        services.AddSingleton<Trimmer>();
        services.AddHostedService(s => s.GetRequiredService<Trimmer>());
        services.AddSingleton<RunLog.RunLog>();
        services.AddHostedService(s => s.GetRequiredService<RunLog.RunLog>());
        services.AddSingleton<Branches>();
        services.AddSingleton<StoreHealthCheck>();
        services.AddHealthChecks()
            .AddCheck<StoreHealthCheck>("collab-store", tags: [HealthEndpoints.Ready], timeout: TimeSpan.FromSeconds(5));
    }

    private static void AddOutbox(IServiceCollection services)
    {
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<OutboxRules>();
        services.AddSingleton(s => s.GetRequiredService<IRunStore>()
            .CreateOutbox(s.GetRequiredService<OutboxRules>().MaxTextBytes, s.GetRequiredService<TimeProvider>()));
        services.AddHostedService<OutboxDrain>();
    }

    private static void AddFanOut(IServiceCollection services)
    {
        services.AddSingleton<Feeds>();
        services.AddSingleton<KnownStates>();
        services.AddSingleton<PastStates>();
        services.AddSingleton<ICommitSink>(s => s.GetRequiredService<Feeds>());
        services.AddSingleton<FeedHealer>();
        services.AddHostedService(s => s.GetRequiredService<FeedHealer>());
        services.AddSingleton<FeedUpkeep>();
        services.AddHostedService<FeedTicker>();
    }

    private static void AddHub(IServiceCollection services)
    {
        services.AddSignalR().AddHubOptions<CollaborationHub>(hub =>
        {
            hub.SupportedProtocols = ["json"];
            // With 1, SignalR's default, each publish of a connection would wait for the commit of the one before.
            hub.MaximumParallelInvocationsPerClient = 64;
            hub.MaximumReceiveMessageSize = 64 * 1024;
            // SignalR's default, which it does not tell.
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(30);
            hub.AddFilter(new RefusalFilter());
        });
        services.AddSingleton<HubTickets>();
        services.AddSingleton<HubDoor>();
        services.AddSingleton<HubLifetimeManager<CollaborationHub>, HubSessions>();
        // Of our hub alone: what the application configures for its own hubs, JSON above all, is not for ours.
        services.AddSingleton(s =>
            ActivatorUtilities.CreateInstance<HubConnectionHandler<CollaborationHub>>(s, CollabHubProtocols.Create()));
    }

    private static void AddDrain(IServiceCollection services)
    {
        services.AddSingleton(s => DrainPlan.Of(
            s.GetRequiredService<IOptions<CollabOptions>>().Value, s.GetService<IHostEnvironment>()?.IsDevelopment() == true));
        services.AddSingleton<Drain>();
        services.AddHostedService<DrainAtStop>();
        services.AddHealthChecks().AddCheck<DrainHealthCheck>(DrainHealthCheck.Name, tags: [HealthEndpoints.Ready]);
    }

    private static void AddHttp(IServiceCollection services)
    {
        services.TryAddSingleton<IRunAuthorizer, ClaimRunAuthorizer>();
        services.AddSingleton<RunRights>();
        services.AddSingleton<ConnectionCounts>();
        services.AddSingleton<UserLimits>();
        services.AddSingleton<ServerLimits>();
        services.AddSingleton<RunRequest>();
        services.AddSingleton<LongPoll>();
        services.AddSingleton<OwnConnections>();
        services.AddSingleton<IAnswers>(s => s.GetRequiredService<OwnConnections>());
        services.AddSingleton<ClusterConnections>();
        services.AddSingleton<ServerList>();
        services.AddAuthorization();
        services.AddSingleton<AllowedOrigins>();
        services.AddCors();
        services.AddSingleton<IConfigureOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>, CorsSetup>();
    }
}
