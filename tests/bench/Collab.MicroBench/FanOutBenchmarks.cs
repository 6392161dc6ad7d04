using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Collab.AspNetCore;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.MicroBench;

/// <summary>
/// What a delivered event costs between the commit and the socket, for 100 followers: SignalR's group send, event by event, which is where Collab
/// began, and its feeds. One operation is one event for one follower.
/// </summary>
public class FanOutBenchmarks
{
    private const int Followers = 100;
    private const int EventsPerBatch = 55;
    private const int Deliveries = Followers * EventsPerBatch;

    private static readonly Guid Run = Guid.NewGuid();
    private static readonly Guid Epoch = Guid.NewGuid();
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");

    private readonly Sink _sink = new();
    private readonly DefaultHubLifetimeManager<CollaborationHub> _groups = new(NullLogger<DefaultHubLifetimeManager<CollaborationHub>>.Instance);
    private readonly JsonElement _data = JsonElement.Parse(Data);
    private Feed _feed = null!;
    private long _sequence;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        for (var i = 0; i < Followers; i++)
        {
            var connection = Connections.Over(Connections.Pipe(_sink), new JsonHubProtocol(), $"connection {i}");
            await _groups.OnConnectedAsync(connection);
            await _groups.AddToGroupAsync(connection.ConnectionId, "run");
        }

        var options = Options.Create(new CollabOptions());
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CollabMetrics(services.GetRequiredService<IMeterFactory>());
        var monitor = new ConnectionMonitor(new(metrics), metrics, TimeProvider.System);
        var healer = new FeedHealer(metrics, TimeProvider.System, NullLogger<FeedHealer>.Instance);
        var feeds = new Feeds(null!, new(options, TimeProvider.System), healer, NoFeedNews.Instance, options, TimeProvider.System, NullLogger<Feeds>.Instance);
        _feed = new(Run, keep: 1000, maxLagBytes: 4 * 1024 * 1024, new(), NoFeedNews.Instance, TimeProvider.System);
        _feed.Load(RunSnapshot.Empty(Epoch), after: 0);
        for (var i = 0; i < Followers; i++)
        {
            var connection = Connections.Over(await Connections.WireAsync(_sink), new CollabHubProtocol(new JsonHubProtocol()), $"connection {i}");
            var subscriber = new HubSubscriber(connection, monitor.NewRecord(connection.ConnectionId, clientId: null), "bob", Run, feeds, NullLogger.Instance);
            _feed.Attach(subscriber, 0, asConnection: false);
            subscriber.Begin();
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Deliveries, Description = "SignalR's group send")]
    public async Task SignalRGroupAsync()
    {
        for (var i = 0; i < EventsPerBatch; i++)
        {
            var e = new Protocol.CollaborationEvent(Run, ++_sequence, "GRAFT", "alice", 1_760_000_000_000, _data, IsCritical: true, Guid.NewGuid());
            await _groups.SendGroupAsync("run", "ReceiveEvents", [Run, new[] { e }]);
        }
    }

    [Benchmark(OperationsPerInvoke = Deliveries, Description = "Collab's feed")]
    public void CollabFeed()
    {
        _sink.Expect(Followers);
        for (var i = 0; i < EventsPerBatch; i++)
            _feed.Committed(Epoch, new LoggedEvent(Run, _feed.LastSequence + 1, "GRAFT", "alice", userName: null, 1_760_000_000_000, Guid.NewGuid(), Data));
        _feed.Flush();
        _sink.Wait();
    }
}
