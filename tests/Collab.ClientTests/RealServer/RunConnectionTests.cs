using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>The client and a real server.</summary>
public sealed class RunConnectionTests(LiveServer server) : IClassFixture<LiveServer>
{
    private readonly Guid _run = Guid.NewGuid();

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task What_one_publishes_all_see_once_in_order_and_it_adds_up(HubProtocol protocol)
    {
        await using var alice = server.NewClient("alice");
        var options = LiveServer.OptionsOf(server.Address, "bob");
        options.Protocol = protocol;
        await using var bob = new CollabClient(options);
        await using var a = await alice.ConnectAsync(_run);
        await using var b = await bob.ConnectAsync(_run);
        var (readA, readB) = (new Reading(a), new Reading(b));

        var acks = await Task.WhenAll(
            a.GraftAsync("ARCHITECT", "scanner"),
            a.PruneAsync("SRE", true),
            a.FlagAsync("PM", "ü"),
            a.PublishAsync("FLAG", JsonElement.Parse("""{"stepId":"PM","note":"own","more":[1]}""")));
        await readA.WaitForAsync(4);
        await readB.WaitForAsync(4);

        readA.AssertHolds(acks);
        readB.AssertHolds(acks);
        Assert.Equal([1, 2, 3, 4], acks.Select(ack => ack.SequenceNumber));
        var seen = await b.WaitForAsync(s => s.LastSequence == 4);
        Assert.Equal("scanner", seen.State.Grafts["ARCHITECT"].AgentName);
        Assert.Equal(["SRE"], seen.State.PrunedSteps);
        Assert.Equal("own", seen.State.Flags["PM"].Note);
        Assert.Equal("bob", seen.UserId);
        Assert.True((await a.WaitForAsync(s => s.CanWrite is not null)).CanWrite);
        Assert.Equal(["alice", "bob"], (await a.WaitForAsync(s => s.ActiveUsers.Count == 2)).ActiveUsers);
        Assert.NotNull((await a.WaitForAsync(s => s.Health.LatencyMs is not null)).Epoch);
    }

    [Fact]
    public async Task A_cursor_is_seen_and_goes_with_its_user()
    {
        await using var alice = server.NewClient("alice");
        await using var bob = server.NewClient("bob");
        await using var a = await alice.ConnectAsync(_run);
        var b = await bob.ConnectAsync(_run);

        for (var i = 0; i < 50; i++) b.MoveCursor($"step {i}");
        b.MoveCursor("PM");

        await a.WaitForAsync(s => s.CursorPositions.GetValueOrDefault("bob") == "PM");
        await b.DisposeAsync();
        await a.WaitForAsync(s => s.CursorPositions.Count == 0 && s.ActiveUsers.SequenceEqual(["alice"]));
    }

    [Fact]
    public async Task A_right_that_is_missing_ends_it_and_says_so()
    {
        await using var reader = server.NewClient("reader", $"{_run}:read");
        await using var run = await reader.ConnectAsync(_run);
        Assert.Equal(CollabErrorCode.Forbidden, (await Assert.ThrowsAsync<CollabException>(() => run.FlagAsync("PM"))).Code);
        Assert.False((await run.WaitForAsync(s => s.CanWrite is not null)).CanWrite);
        Assert.IsType<ConnectionState.Live>(run.Snapshot.Connection);

        var error = await Assert.ThrowsAsync<CollabException>(() => reader.ConnectAsync(Guid.NewGuid()));
        Assert.Equal(CollabErrorCode.Forbidden, error.Code);
    }

    [Fact]
    public async Task A_token_that_is_refused_twice_ends_it()
    {
        var asked = 0;
        var options = LiveServer.OptionsOf(server.Address, "alice");
        options.Token = _ =>
        {
            asked++;
            return ValueTask.FromResult(TestTokens.WithoutSignature("alice"));
        };
        await using var client = new CollabClient(options);

        var error = await Assert.ThrowsAsync<CollabException>(() => client.ConnectAsync(_run));

        Assert.Equal(CollabErrorCode.Unauthorized, error.Code);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_connection_with_a_new_token_takes_over_before_the_old_one_ends()
    {
        var options = LiveServer.OptionsOf(server.Address, "alice");
        var tokens = 0;
        options.Token = _ =>
        {
            Interlocked.Increment(ref tokens);
            return ValueTask.FromResult(TestTokens.Create("alice", expires: TimeProvider.System.GetUtcNow().AddSeconds(6)));
        };
        await using var client = new CollabClient(options);
        await using var run = await client.ConnectAsync(_run);
        var reading = new Reading(run);
        var wasLost = false;
        run.StateChanged += (_, change) => wasLost |= change.Snapshot.Connection is not ConnectionState.Live;

        List<PublishAck> acks = [];
        // Each token is replaced half-way: with the third the first has ended.
        while (Volatile.Read(ref tokens) < 3) acks.Add(await run.FlagAsync("PM"));
        await reading.WaitForAsync(acks.Count);

        reading.AssertHolds(acks);
        Assert.False(wasLost);
        Assert.Equal(0, run.Snapshot.Health.ReconnectionCount);
    }

    [Fact]
    public async Task What_waits_outlives_the_process()
    {
        using var folder = new TemporaryFolder("queue");
        await using var proxy = new TcpProxy(server.Address);
        proxy.RefuseAll(true);
        var options = LiveServer.OptionsOf(proxy.BaseAddress, "alice");
        options.QueueFolder = folder.Path;

        await using (var first = new CollabClient(options))
        {
            await using var run = first.Open(_run);
            var sends = Enumerable.Range(1, 5).Select(i => run.FlagAsync("PM", $"{i}")).ToArray();
            await run.WaitForAsync(s => s.QueuedCount == 5 && s.UserId is not null);
            await run.DisposeAsync();
            Assert.All(sends, send => Assert.IsType<ConnectionClosedException>(send.Exception?.InnerException));
        }
        proxy.RefuseAll(false);
        await using var second = new CollabClient(options);
        await using var again = await second.ConnectAsync(_run);
        var reading = new Reading(again);
        await reading.WaitForAsync(5);
        await again.WaitForAsync(s => s.QueuedCount == 0);

        Assert.Equal(["1", "2", "3", "4", "5"], reading.Critical.Select(e => e.Data.GetProperty("note").GetString()));
        await again.DisposeAsync();
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_join_can_be_larger_than_what_is_read_at_a_time()
    {
        await using var alice = server.NewClient("alice");
        await using var bob = server.NewClient("bob");
        await using var a = await alice.ConnectAsync(_run);
        var acks = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => a.FlagAsync("PM", new string('ü', 8000))));

        await using var b = await bob.ConnectAsync(_run);
        var reading = new Reading(b);
        await reading.WaitForAsync(250);

        reading.AssertHolds(acks);
    }

    [Fact]
    public async Task A_reader_who_waits_for_his_own_publishes_is_never_stuck()
    {
        await using var alice = server.NewClient("alice");
        await using var run = await alice.ConnectAsync(_run);
        await run.FlagAsync("PM", "1");
        List<long> seen = [];

        await foreach (var e in run.ReadEventsAsync())
        {
            if (e.SequenceNumber is not { } sequence) continue;
            seen.Add(sequence);
            if (seen.Count == 100) break;
            await run.FlagAsync("PM", "answer");
        }

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task A_reader_far_behind_gets_the_rest_by_replay()
    {
        var options = LiveServer.OptionsOf(server.Address, "slow");
        (options.MaxEvents, options.MaxUnread) = (10, 10);
        await using var slow = new CollabClient(options);
        await using var fast = server.NewClient("fast");
        await using var run = await slow.ConnectAsync(_run);
        await using var publisher = await fast.ConnectAsync(_run);
        await using var reader = run.ReadEventsAsync().GetAsyncEnumerator();
        var first = reader.MoveNextAsync();
        var acks = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => publisher.FlagAsync("PM")));
        await run.WaitForAsync(s => s.LastSequence == 300);

        List<long> seen = [];
        for (var more = await first; more; more = await reader.MoveNextAsync())
        {
            if (reader.Current.SequenceNumber is { } sequence) seen.Add(sequence);
            if (seen.Count == 300) break;
        }

        Assert.Equal(acks.Select(ack => ack.SequenceNumber!.Value).Order(), seen);
    }

    [Fact]
    public async Task An_applications_client_measures_and_uses_what_the_application_brings()
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddCollabClient(options =>
        {
            options.BaseAddress = server.Address;
            options.Token = _ => ValueTask.FromResult(TestTokens.Create("alice"));
        });
        await using var provider = services.BuildServiceProvider();
        var meters = provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        using var measured = new Measured(meters);

        var client = provider.GetRequiredService<CollabClient>();
        await using (var run = await client.ConnectAsync(_run))
        {
            await run.FlagAsync("PM");
            await run.WaitForAsync(s => s.LastSequence == 1 && s.Health.LatencyMs is not null);
            Assert.Equal(1, measured["collab.client.runs.open"]);
        }

        Assert.Equal(1, measured["collab.client.connections"]);
        Assert.Equal(0, measured["collab.client.reconnections"]);
        Assert.Equal(1, measured["collab.client.publishes"]);
        Assert.Equal(1, measured["collab.client.events.received"]);
        Assert.Equal(0, measured["collab.client.queued"]);
        Assert.Equal(0, measured["collab.client.runs.open"]);
    }
}
