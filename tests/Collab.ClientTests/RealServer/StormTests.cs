using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.ClientTests.RealServer;

/// <summary>A hundred clients, a server that is killed again and again, and a network that breaks at random.</summary>
[Collection(Alone.Name)]
public sealed class StormTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Clients = 100;
    private const int Publishers = 10;
    private const int Kills = 20;
    private const int Cuts = 50;

    /// <summary>Events between one blow and the next.</summary>
    private const int Between = 15;

    private readonly LiveServer _server = new();
    private readonly Arrivals<PublishAck> _acks = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Every_client_ends_with_the_same_events_each_once_in_order_and_nothing_is_left()
    {
        var before = await Leftovers.CountAsync();
        Leftovers.AreGone([]);
        var unobserved = new Arrivals<string>();
        TaskScheduler.UnobservedTaskException += (_, failure) => unobserved.Add(failure.Exception.ToString());
        var gone = await StormAsync();

        await Eventually.TrueAsync(() => Leftovers.AreGone(gone));
        Assert.Empty(unobserved.All);
        // What another test's HTTP connections still had may have gone meanwhile; more must not have come. SignalR's client lets some of its timers run
        // out, and .NET those of a WebSocket that nobody holds any more: a process at rest collects nothing by itself. HTTP keeps an idle connection for
        // a minute. Whatever waits here must have no timer of its own.
        var after = await Leftovers.CountAsync();
        for (var until = DateTime.UtcNow + (2 * Patience.Process); after.Timers > before.Timers && DateTime.UtcNow < until;)
        {
            Leftovers.AreGone([]);
            after = await Leftovers.CountAsync();
        }
        output.WriteLine($"Before {before}, after {after}");
        Assert.True(after.Timers <= before.Timers, $"{after.Timers} timers, {before.Timers} before.");
        Assert.True(after.Sockets <= before.Sockets, $"{after.Sockets} sockets, {before.Sockets} before.");
    }

    private async Task<List<WeakReference>> StormAsync()
    {
        var run = Guid.NewGuid();
        await using var proxy = new TcpProxy(_server.Address);
        var clients = Enumerable.Range(0, Clients).Select(i => new CollabClient(OptionsOf(proxy, $"user-{i}"))).ToArray();
        var runs = clients.Select(client => client.Open(run)).ToArray();
        var readings = runs.Select(connection => new Reading(connection)).ToArray();
        await Task.WhenAll(runs.Select(connection => connection.WaitForAsync(s => s.IsConnected)));

        using var stop = new CancellationTokenSource();
        var publishing = runs.Take(Publishers).Select(connection => PublishAsync(connection, stop.Token)).ToArray();
        var fallbacks = 0;
        foreach (var connection in runs) connection.StateChanged += (_, change) => Interlocked.Add(ref fallbacks, change.Snapshot.UsingFallback ? 1 : 0);
        await BlowAsync(proxy);
        await stop.CancelAsync();
        await Task.WhenAll(publishing);

        var acks = _acks.All;
        await Task.WhenAll(readings.Select(reading => reading.WaitForAsync(acks.Length)));
        foreach (var reading in readings) reading.AssertHolds(acks);
        await Task.WhenAll(runs.Select(connection => connection.WaitForAsync(s => s.Connection is ConnectionState.Live)));
        output.WriteLine($"{acks.Length} events, {acks.Count(ack => ack.Duplicate)} acknowledged as duplicates, {proxy.Cuts} connections cut, " +
            $"{runs.Sum(connection => connection.Snapshot.Health.ReconnectionCount)} reconnections, {fallbacks} snapshots of polling, " +
            $"{Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of CPU");

        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        await Task.WhenAll(readings.Select(reading => reading.EndAsync()));
        Assert.All(runs, connection => Assert.Equal(0, connection.Core.Strand.UnderWay));
        return [.. runs.Select(connection => new WeakReference(connection.Core)), .. clients.Select(client => new WeakReference(client))];
    }

    /// <summary>Kills and cuts in an order by chance, each after some more events have been acknowledged.</summary>
    private async Task BlowAsync(TcpProxy proxy)
    {
        var blows = Enumerable.Repeat(true, Kills).Concat(Enumerable.Repeat(false, Cuts)).ToArray();
        Random.Shared.Shuffle(blows);
        foreach (var isKill in blows)
        {
            var goal = _acks.All.Length + Random.Shared.Next(1, 2 * Between);
            await _acks.WaitForAsync(acks => acks.Count >= goal, Patience.Process);
            if (isKill)
            {
                await _server.Process.KillAsync();
                await _server.Process.StartAgainAsync();
            }
            else
            {
                proxy.Cut(_ => Random.Shared.Next(2) == 0);
            }
        }
    }

    /// <summary>Patient enough that a hundred clients leave the machine to the server that starts.</summary>
    private static CollabClientOptions OptionsOf(TcpProxy proxy, string user)
    {
        var options = LiveServer.OptionsOf(proxy.BaseAddress, user);
        options.Backoff = attempt => TimeSpan.FromMilliseconds(Random.Shared.Next(50, 500 * Math.Min(attempt, 4)));
        options.PollInterval = TimeSpan.FromSeconds(2);
        return options;
    }

    private async Task PublishAsync(RunConnection run, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) _acks.Add(await run.FlagAsync("PM", cancellationToken: CancellationToken.None));
    }
}
