using System.Text.Json;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>A hundred clients of a run that ends: half over WebSockets, half by polling. Each ping and each poll is counted.</summary>
[Collection(Alone.Name)]
public sealed class EndedRunTests : IAsyncLifetime
{
    private const int Clients = 100;
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly LiveServer _server = new();
    private int _pings;
    private int _polls;

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_hundred_clients_stop_pinging_and_polling_and_say_so()
    {
        var run = Guid.NewGuid();
        using var http = new HttpClient(new CountingHandler(() => Interlocked.Increment(ref _polls))) { BaseAddress = _server.Address };
        var clients = Enumerable.Range(0, Clients).Select(i => NewClient($"user-{i}", http, isBlocked: i % 2 == 1)).ToArray();
        var runs = clients.Select(client => client.Open(run)).ToArray();
        foreach (var connection in runs) connection.Connect();
        await runs[0].FlagAsync("PM").WaitAsync(Patience.Process);
        foreach (var connection in runs) await connection.WaitForAsync(s => s.LastSequence == 1 && s.IsConnected).WaitAsync(Patience.Process);
        Assert.Equal(Clients / 2, runs.Count(connection => connection.Snapshot.UsingFallback));
        // It counts: all go on asking as long as the run goes on.
        await Eventually.TrueAsync(() => Volatile.Read(ref _pings) > Clients && Volatile.Read(ref _polls) > Clients);

        Assert.Equal(2, (await runs[1].EndAsync("done").WaitAsync(Patience.Process)).SequenceNumber);
        foreach (var (i, connection) in runs.Index())
        {
            var ended = await connection.WaitForAsync(s => s.Ended && (i % 2 == 0 || s.Connection is ConnectionState.Closed)).WaitAsync(Patience.Process);
            Assert.Equal((2L, "done"), (ended.LastSequence, ended.Outcome));
            Assert.True(ended.State.Ended);
            Assert.True(i % 2 == 0 ? ended.Connection is ConnectionState.Live : ended.Connection is ConnectionState.Closed { Error: null });
        }
        using var api = new ApiClient(_server.Address, TestTokens.Create("reader"));
        var (pings, polls) = (Volatile.Read(ref _pings), Volatile.Read(ref _polls));
        var counted = await PollsAsync(api);
        await Task.Delay(3 * PingInterval);

        Assert.Equal((pings, polls), (Volatile.Read(ref _pings), Volatile.Read(ref _polls)));
        Assert.Equal(counted, await PollsAsync(api));
        var refused = await Assert.ThrowsAsync<CollabException>(() => runs[0].FlagAsync("PM"));
        Assert.Equal(CollabErrorCode.RunEnded, refused.Code);
        Assert.Equal(CollabErrorCode.RunEnded, (await Assert.ThrowsAsync<CollabException>(() => runs[1].FlagAsync("PM"))).Code);
        Assert.Equal(2, (await api.PollAsync(run)).Value.LastSequence);

        // The server goes: no client tries to come back.
        await _server.Process.KillAsync();
        foreach (var connection in runs) await connection.WaitForAsync(s => s.Connection is ConnectionState.Closed { Error: null }).WaitAsync(Patience.Process);
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static async Task<double> PollsAsync(ApiClient api) => (await api.MetricsAsync())["orchestrator_websocket_fallback_http_total"];

    private CollabClient NewClient(string user, HttpClient http, bool isBlocked)
    {
        var options = LiveServer.OptionsOf(_server.Address, user);
        (options.PingInterval, options.PollInterval, options.FallbackAfter) = (PingInterval, PollInterval, 1);
        return new(options, new Surroundings
        {
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
            Metrics = new ClientMetrics(null),
            Http = () => http,
            Hub = address => (token, calls) => isBlocked
                ? throw new IOException("No WebSocket gets through.")
                : new CountingHub(new SignalRHub(address, token, options, calls), () => Interlocked.Increment(ref _pings)),
            Network = new Loopback(),
        });
    }

    private sealed class CountingHandler(Action polled) : DelegatingHandler(new HttpClientHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/poll", StringComparison.Ordinal)) polled();
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class CountingHub(IHub hub, Action pinged) : IHub
    {
        public Task OpenAsync(CancellationToken stop) => hub.OpenAsync(stop);

        public Task<JoinResult> JoinAsync(Guid runId, long? afterSequence) => hub.JoinAsync(runId, afterSequence);

        public Task<PublishAck> PublishAsync(Guid runId, string eventType, JsonElement data, Guid messageId) =>
            hub.PublishAsync(runId, eventType, data, messageId);

        public Task<PublishResult[]> PublishBatchAsync(Guid runId, PublishRequest[] events) => hub.PublishBatchAsync(runId, events);

        public Task MoveCursorAsync(Guid runId, string? nodeId) => hub.MoveCursorAsync(runId, nodeId);

        public Task<Pong> PingAsync(double clientTimestamp, double? lastRoundTripMs, (Guid RunId, long Last)? seen)
        {
            pinged();
            return hub.PingAsync(clientTimestamp, lastRoundTripMs, seen);
        }

        public void Abort() => hub.Abort();

        public ValueTask DisposeAsync() => hub.DisposeAsync();
    }
}
