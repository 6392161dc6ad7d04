using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>Servers that die, connections that break, and WebSockets that are not let through.</summary>
public sealed class LossTests : IAsyncLifetime
{
    private readonly Guid _run = Guid.NewGuid();
    private readonly LiveServer _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Publishes_made_while_the_server_is_dead_arrive_once_in_order()
    {
        await using var client = _server.NewClient("alice");
        await using var run = await client.ConnectAsync(_run);
        var reading = new Reading(run);
        List<PublishAck> acks = [await run.FlagAsync("PM", "0")];

        await _server.Process.KillAsync();
        await run.WaitForAsync(s => !s.IsConnected);
        var waiting = Enumerable.Range(1, 20).Select(i => run.FlagAsync("PM", $"{i}")).ToArray();
        await run.WaitForAsync(s => s.QueuedCount == 20);
        await _server.Process.StartAgainAsync();
        acks.AddRange(await Task.WhenAll(waiting));
        await reading.WaitForAsync(21);

        reading.AssertHolds(acks);
        Assert.Equal(Enumerable.Range(0, 21).Select(i => $"{i}"), reading.Critical.Select(e => e.Data.GetProperty("note").GetString()));
        await run.WaitForAsync(s => s.Connection is ConnectionState.Live);
        Assert.Equal(1, run.Snapshot.Health.ReconnectionCount);
    }

    [Fact]
    public async Task A_client_that_starts_before_its_server_connects_when_it_is_there()
    {
        await _server.Process.KillAsync();
        await using var client = _server.NewClient("alice");
        await using var run = client.Open(_run);
        await run.WaitForAsync(s => s.UsingFallback);

        await _server.Process.StartAgainAsync();

        await run.WaitForAsync(s => s.Connection is ConnectionState.Live);
        Assert.Equal(1, (await run.FlagAsync("PM")).SequenceNumber);
    }

    [Fact]
    public async Task Where_WebSockets_are_refused_it_polls_and_publishes_over_HTTP_and_comes_back()
    {
        await using var proxy = new TcpProxy(_server.Address);
        proxy.RefuseWebSockets(true);
        await using var blocked = new CollabClient(LiveServer.OptionsOf(proxy.BaseAddress, "blocked"));
        await using var free = _server.NewClient("free");
        await using var other = await free.ConnectAsync(_run);
        await using var run = blocked.Open(_run);
        var (reading, otherReading) = (new Reading(run), new Reading(other));

        var polling = await run.WaitForAsync(s => s.UsingFallback && s.IsConnected);
        Assert.Equal("blocked", polling.UserId);
        List<PublishAck> acks = [];
        for (var i = 0; i < 5; i++)
        {
            acks.Add(await run.FlagAsync("PM"));
            acks.Add(await other.FlagAsync("PM"));
        }
        run.MoveCursor("SRE");
        await reading.WaitForAsync(10);
        await other.WaitForAsync(s => s.CursorPositions.GetValueOrDefault("blocked") == "SRE");
        await run.WaitForAsync(s => s.ActiveUsers.Contains("free"));

        proxy.RefuseWebSockets(false);
        await run.WaitForAsync(s => s.Connection is ConnectionState.Live);
        acks.Add(await run.FlagAsync("PM"));
        acks.Add(await other.FlagAsync("PM"));
        await reading.WaitForAsync(12);
        await otherReading.WaitForAsync(12);

        reading.AssertHolds(acks);
        otherReading.AssertHolds(acks);
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_loses_and_repeats_nothing()
    {
        await using var proxy = new TcpProxy(_server.Address);
        await using var client = new CollabClient(LiveServer.OptionsOf(proxy.BaseAddress, "alice"));
        await using var run = await client.ConnectAsync(_run);
        var reading = new Reading(run);
        List<PublishAck> acks = [];

        for (var i = 0; i < 30; i++)
        {
            var sends = Enumerable.Range(0, 10).Select(_ => run.FlagAsync("PM")).ToArray();
            await sends[Random.Shared.Next(sends.Length)];
            proxy.Cut(_ => true);
            acks.AddRange(await Task.WhenAll(sends));
        }
        await reading.WaitForAsync(300);

        reading.AssertHolds(acks);
        Assert.True(proxy.Cuts >= 30);
    }
}
