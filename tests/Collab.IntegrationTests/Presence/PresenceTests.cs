using System.Globalization;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Presence;

/// <summary>Who is there, and where each one's cursor is: announced once, and gone when the user is.</summary>
public sealed class PresenceTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task A_user_with_two_tabs_joins_once_and_leaves_once()
    {
        var run = Guid.NewGuid();
        await using var watcher = await server.ConnectAsync("alice");
        await watcher.JoinAsync(run);
        await using var firstTab = await server.ConnectAsync("bob");
        await using var secondTab = await server.ConnectAsync("bob");
        await firstTab.JoinAsync(run);
        var answer = await secondTab.JoinAsync(run);
        await AnnouncedAsync(watcher, EventTypes.UserJoin, "bob");

        await firstTab.DisposeAsync();
        await MarkAsync(watcher, run);
        Assert.DoesNotContain(watcher.Events.All, e => e.EventType == EventTypes.UserLeave);
        await secondTab.DisposeAsync();
        await AnnouncedAsync(watcher, EventTypes.UserLeave, "bob");

        Assert.Equal(["alice", "bob"], answer.ActiveUsers);
        var bobs = watcher.Events.All.Where(e => e.UserId == "bob").ToArray();
        Assert.Equal([EventTypes.UserJoin, EventTypes.UserLeave], bobs.Select(e => e.EventType));
        Assert.Equal([2, 1], bobs.Select(e => e.Data.GetProperty("activeUserCount").GetInt32()));
        Assert.All(bobs, e => Assert.True(e is { IsCritical: false, SequenceNumber: null }));
    }

    [Fact]
    public async Task A_connection_that_drops_without_a_word_leaves()
    {
        var run = Guid.NewGuid();
        await using var watcher = await server.ConnectAsync("alice");
        await watcher.JoinAsync(run);
        await using var lost = await server.ConnectAsync("bob");
        await lost.JoinAsync(run);
        await lost.MoveCursorAsync(run, "QUALIFIER");

        await lost.AbortAsync();

        await AnnouncedAsync(watcher, EventTypes.UserLeave, "bob");
        var answer = await watcher.JoinAsync(run);
        Assert.Equal(["alice"], answer.ActiveUsers);
        Assert.Empty(answer.CursorPositions);
    }

    [Fact]
    public async Task Of_many_cursor_moves_the_last_arrives_and_most_others_do_not()
    {
        const int Moves = 50;
        var run = Guid.NewGuid();
        await using var watcher = await server.ConnectAsync("alice");
        await watcher.JoinAsync(run);
        await using var mover = await server.ConnectAsync("bob");
        await mover.JoinAsync(run);

        await Task.WhenAll(Enumerable.Range(1, Moves).Select(n => mover.MoveCursorAsync(run, $"N{n}")));
        await watcher.WaitForAsync(events => events.Any(e => NodeOf(e) == $"N{Moves}"));

        var moves = watcher.Events.All.Where(e => e.EventType == EventTypes.CursorMove).ToArray();
        Assert.InRange(moves.Length, 1, Moves - 1);
        Assert.Equal($"N{Moves}", NodeOf(moves[^1]));
        Assert.All(moves, e => Assert.True(e is { IsCritical: false, SequenceNumber: null, UserId: "bob" }));
    }

    [Fact]
    public async Task Cursors_are_in_the_answers_to_join_and_poll_until_they_are_taken_away()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        // What alice's answers say already need not come to her as a move too.
        await using var watcher = await server.ConnectAsync("dave");
        await watcher.JoinAsync(run);
        using var api = server.Api("carol");
        await alice.JoinAsync(run);
        await bob.JoinAsync(run);
        await bob.MoveCursorAsync(run, "SRE");

        Assert.Equal("SRE", (await alice.JoinAsync(run)).CursorPositions["bob"]);
        Assert.Equal("SRE", (await api.PollAsync(run)).Value.CursorPositions["bob"]);
        await api.PublishAsync(run, EventTypes.CursorMove, new { nodeId = "PM" });
        Assert.Equal("PM", (await alice.JoinAsync(run)).CursorPositions["carol"]);
        await bob.MoveCursorAsync(run, null);

        Assert.DoesNotContain("bob", (await alice.JoinAsync(run)).CursorPositions.Keys);
        await watcher.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.CursorMove, UserId: "bob" } && NodeOf(e) is null));
    }

    [Fact]
    public async Task A_user_who_polls_is_there_until_the_polls_stop()
    {
        var run = Guid.NewGuid();
        await using var watcher = await server.ConnectAsync("alice");
        await watcher.JoinAsync(run);
        using var api = server.Api("bob");

        Assert.Equal(["alice", "bob"], (await api.PollAsync(run)).Value.ActiveUsers);
        await api.PollAsync(run);

        await AnnouncedAsync(watcher, EventTypes.UserLeave, "bob");
        Assert.Equal([EventTypes.UserJoin, EventTypes.UserLeave], watcher.Events.All.Where(e => e.UserId == "bob").Select(e => e.EventType).Take(2));
        Assert.Equal(["alice"], (await watcher.JoinAsync(run)).ActiveUsers);
    }

    [Fact]
    public async Task Who_joins_and_leaves_without_end_is_announced_now_and_then_and_rightly_in_the_end()
    {
        const int Pairs = 2000;
        var run = Guid.NewGuid();
        await using var watcher = await server.ConnectAsync("alice");
        await watcher.JoinAsync(run);
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory", [$"{run}:read"]));
        var sending = SendAllAsync();
        for (var answered = 0; answered < 2 * Pairs;)
        {
            if ((await wire.NextAsync())!.Value.GetProperty("type").GetInt32() == 3) answered++;
        }
        await sending;
        await watcher.MoveCursorAsync(run, "PM");
        await watcher.WaitForAsync(events => events.Any(e => e is { EventType: EventTypes.CursorMove, UserId: "alice" }));
        var announced = watcher.Events.All.Count(e => e.UserId == "mallory");
        await wire.CallAsync("JoinRun", $"""["{run}",null]""");

        await watcher.WaitForAsync(events => events.LastOrDefault(e => e.UserId == "mallory")?.EventType == EventTypes.UserJoin);
        Assert.InRange(announced, 0, Pairs / 2);
        var last = watcher.Events.All.Last(e => e.UserId == "mallory");
        Assert.Equal(2, last.Data.GetProperty("activeUserCount").GetInt32());

        async Task SendAllAsync()
        {
            for (var i = 0; i < Pairs; i++)
            {
                await wire.BeginCallAsync($"j{i}", "JoinRun", $"""["{run}",null]""");
                await wire.BeginCallAsync($"l{i}", "LeaveRun", $"""["{run}"]""");
            }
        }
    }

    private static string? NodeOf(CollaborationEvent e) =>
        e.EventType == EventTypes.CursorMove ? e.Data.GetProperty("nodeId").GetString() : string.Create(CultureInfo.InvariantCulture, $"{e.Timestamp}");

    private static Task AnnouncedAsync(HubClient watcher, string type, string user) =>
        watcher.WaitForAsync(events => events.Any(e => e.EventType == type && e.UserId == user));

    /// <summary>Sends something ephemeral through the run and waits for it: what was announced before has arrived then.</summary>
    private static async Task MarkAsync(HubClient watcher, Guid run)
    {
        var mark = Guid.NewGuid();
        await watcher.PublishAsync(run, "TYPING", new { }, mark);
        await watcher.WaitForAsync(events => events.Any(e => e.MessageId == mark));
    }
}
