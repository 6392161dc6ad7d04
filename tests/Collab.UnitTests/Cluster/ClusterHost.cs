using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.UnitTests.Cluster;

/// <summary>One server of a cluster in a test: everything between a commit and a follower, without the endpoints.</summary>
internal sealed class ClusterHost
{
    private static readonly TimeSpan UnusedFor = TimeSpan.FromSeconds(30);

    private readonly SharedLog _log;
    private readonly ClusterNews _news;
    private readonly FeedUpkeep _upkeep;
    private readonly IHostedService[] _services;

    private ClusterHost(SharedLog log, LossyNetwork network, TimeProvider time)
    {
        var (options, metrics, counts) = (Some.Options(), Some.Metrics(), new BusMetrics());
        (_log, Bus, Members) = (log, network.NewBus(), new Members(time));
        var coverage = new Coverage(Members, time);
        var outbound = new Outbound(Bus, Members, key: null, counts, time);
        var asks = new Asks(time);
        var subscriptions = new Subscriptions(Bus, coverage, time, NullLogger<Subscriptions>.Instance);
        Questions = new(subscriptions, outbound, Members, coverage, counts, time);
        _news = new(Bus, subscriptions, outbound, Members, coverage, asks, Questions, time);
        var healer = new FeedHealer(metrics, time, NullLogger<FeedHealer>.Instance);
        Feeds = new(log, new(options, time), healer, _news, options, time, NullLogger<Feeds>.Instance);
        _upkeep = new(Feeds, log, healer, _news, options, time);
        Monitor = Some.Monitor(time, metrics);
        var self = new OwnVitals(Monitor, Feeds, time);
        var own = new OwnConnections(Monitor, Feeds, self, new(Monitor, time));
        var desk = new AnswerDesk(Bus, outbound, own, counts, NullLogger<AnswerDesk>.Instance);
        var userCounts = new UserCounts(UserConnections, Bus, outbound, Members, coverage, options, time);
        Limits = new(options, UserConnections, time);
        var others = new OtherServers(Members, Bus, coverage, Questions);
        (Connections, Servers) = (new(own, others, counts), new(own, others, counts, time));
        Users = new(Monitor, others, counts);
        var inbound = new Inbound(
            Feeds, _news, outbound, Members, coverage, asks, Questions, desk, userCounts, Monitor, key: null, counts, time,
            NullLogger<Inbound>.Instance);
        var service = new ClusterService(
            Bus, Feeds, _news, outbound, inbound, Members, coverage, desk, userCounts, self, counts, Some.Metrics(), time,
            NullLogger<ClusterService>.Instance);
        _services = [healer, service];
        Drains = [self, userCounts, service];
    }

    public LossyBus Bus { get; }

    public Members Members { get; }

    public Feeds Feeds { get; }

    public ConnectionMonitor Monitor { get; }

    public Questions Questions { get; }

    public ConnectionCounts UserConnections { get; } = new();

    public UserLimits Limits { get; }

    /// <summary>Those who hear of a drain.</summary>
    public IReadOnlyList<IDrainSink> Drains { get; }

    public ClusterConnections Connections { get; }

    public ServerList Servers { get; }

    public ClusterUsers Users { get; }

    public List<FakeSubscriber> Followers { get; } = [];

    public static async Task<ClusterHost> StartAsync(SharedLog log, LossyNetwork network, TimeProvider time)
    {
        var host = new ClusterHost(log, network, time);
        foreach (var service in host._services) await service.StartAsync(CancellationToken.None);
        return host;
    }

    public async Task StopAsync()
    {
        foreach (var service in _services.Reverse()) await service.StopAsync(CancellationToken.None);
    }

    /// <summary>A connection of a user's joins a run.</summary>
    public async Task<FakeSubscriber> JoinAsync(Guid runId, string userId)
    {
        var subscriber = new FakeSubscriber(userId);
        await Feeds.AttachAsync(runId, subscriber, after: 0, asConnection: true, CancellationToken.None);
        Followers.Add(subscriber);
        return subscriber;
    }

    public void Leave(Guid runId, FakeSubscriber subscriber)
    {
        Feeds.Find(runId)!.Detach(subscriber, asConnection: true);
        Followers.Remove(subscriber);
    }

    /// <summary>As a writer does: into the log, then to the sinks.</summary>
    public void Publish(Guid runId, string userId)
    {
        var commit = _log.Append(runId, userId);
        ICommitSink[] sinks = [Feeds, _news];
        foreach (var sink in sinks) sink.Committed([commit]);
        foreach (var sink in sinks) sink.Flush([commit]);
    }

    public void Tick() => Feeds.Tick();

    /// <summary>A second has passed: also what has not been used for a while ends, as on a server.</summary>
    public void Second() => _upkeep.Sweep(UnusedFor);

    public ValueTask CompareAsync() => _upkeep.CompareWithStoreAsync(CancellationToken.None);
}
