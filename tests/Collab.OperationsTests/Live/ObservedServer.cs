using Collab.OperationsTests.Prometheus;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>
/// A server under a small load, and the Prometheus that scraped it before, between and after: so that every rate has something to go by.
/// The clients stay connected.
/// </summary>
public sealed class ObservedServer : IAsyncLifetime
{
    /// <summary>Messages that arrive per round; one of them is refused.</summary>
    private const int InPerRound = 9;

    private readonly List<IAsyncDisposable> _open = [];
    private ServerProcess? _server;
    private PrometheusServer? _prometheus;

    internal PrometheusServer Prometheus => _prometheus ?? throw new InvalidOperationException("Not started.");

    internal ServerProcess Server => _server ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        _prometheus = await PrometheusServer.StartAsync(Server.BaseAddress);
        await SeeMessagesInAsync(0);
        for (var round = 1; round <= 2; round++)
        {
            await PlayAsync(round);
            await SeeMessagesInAsync(round * InPerRound);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _open) await client.DisposeAsync();
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>What people do, in little: they come, work, move about, make a mistake, lose the connection, and one polls.</summary>
    private async Task PlayAsync(int round)
    {
        var run = Guid.NewGuid();
        var (alice, bob) = ($"alice-{round}", $"bob-{round}");
        var worker = await JoinAsync(alice, run);
        var watcher = await JoinAsync(bob, run);
        for (var i = 0; i < 5; i++) await worker.GraftAsync(run);
        for (var i = 0; i < 2; i++) await worker.MoveCursorAsync(run, "PM");
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(worker.PublishAsync(run, "NO_SUCH_TYPE", new { })));
        await worker.PingAsync(700);

        await watcher.WaitForSequenceAsync(run, 5);
        await watcher.AbortAsync();
        await JoinAsync(bob, run, afterSequence: 5);

        using var api = new ApiClient(Server.BaseAddress, TestTokens.Create(bob));
        Assert.Equal(6, (await api.PublishAsync(run, EventTypes.Flag, new { stepId = "PM" })).Value.SequenceNumber);
        for (var i = 0; i < 3; i++) Assert.Equal(6, (await api.PollAsync(run)).Value.LastSequence);
        Assert.Equal(6, (await api.ReplayAsync(run)).Value.TotalEvents);
    }

    private async Task<HubClient> JoinAsync(string user, Guid run, long? afterSequence = null)
    {
        var client = await HubClient.ConnectAsync(Server.BaseAddress, TestTokens.Create(user), clientId: user);
        _open.Add(client);
        await client.JoinAsync(run, afterSequence);
        return client;
    }

    private Task SeeMessagesInAsync(int count) =>
        Eventually.TrueAsync(async () => await Prometheus.ValueAsync("sum(orchestrator_websocket_messages_in_total)") == count);
}

/// <summary>Tests that share one observed server, and an application: <c>[Collection(Observed.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class Observed : ICollectionFixture<ObservedServer>, ICollectionFixture<ObservedApplication>
{
    public const string Name = "Observed server";
}
