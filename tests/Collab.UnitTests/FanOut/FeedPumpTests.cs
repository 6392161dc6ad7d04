using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Refusals;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>Each follower gets every event once and in order; one that does not read costs the others nothing.</summary>
public sealed class FeedPumpTests
{
    private readonly ConcurrentQueue<Feed> _waitForTick = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task All_get_the_same_frame_serialised_once()
    {
        var feed = NewFeed();
        FakeSubscriber[] all = [Follow(feed, "alice"), Follow(feed, "bob")];
        foreach (var e in Some.Events(1, 3)) feed.Committed(Some.Epoch, e);
        feed.Flush();

        foreach (var subscriber in all) await subscriber.HasAsync(3);

        var frame = Assert.Single(all[0].Frames.All);
        Assert.Same(frame, Assert.Single(all[1].Frames.All));
        var written = new ArrayBufferWriter<byte>();
        frame.In(HubFrames.Json).CopyTo(written);
        var message = JsonDocument.Parse(written.WrittenMemory[..^1]).RootElement;
        Assert.Equal("ReceiveEvents", message.GetProperty("target").GetString());
        Assert.Equal(Some.Run, message.GetProperty("arguments")[0].GetGuid());
        Assert.Equal([1, 2, 3], message.GetProperty("arguments")[1].EnumerateArray().Select(e => e.GetProperty("sequenceNumber").GetInt64()));
    }

    [Fact]
    public async Task A_busy_subscriber_delays_nobody_and_catches_up()
    {
        var feed = NewFeed();
        var (busy, other) = (Follow(feed, "busy"), Follow(feed, "other"));
        busy.StopReading();
        for (var sequence = 1; sequence <= 20; sequence++)
        {
            Commit(feed, sequence);
            await other.HasAsync(sequence);
        }
        Assert.Empty(busy.Frames.All);

        busy.ReadAgain();

        await busy.HasAsync(20);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), busy.Sequences);
        Assert.Empty(busy.CutOffs.All);
    }

    [Fact]
    public async Task Only_who_lags_further_than_allowed_is_cut_off()
    {
        var feed = NewFeed(maxLagBytes: 2_000);
        var (stalled, other) = (Follow(feed, "stalled"), Follow(feed, "other"));
        stalled.StopReading();
        for (var sequence = 1; sequence <= 4; sequence++) await CommitSeenByAsync(other, feed, sequence);
        Assert.Empty(stalled.CutOffs.All);

        for (var sequence = 5; sequence <= 10; sequence++) await CommitSeenByAsync(other, feed, sequence);

        await stalled.CutOffs.WaitForAsync(all => all.Count > 0);
        Assert.Empty(other.CutOffs.All);
    }

    [Fact]
    public async Task Of_several_cursor_moves_of_one_user_within_a_tick_only_the_last_leaves()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        foreach (var node in (string[])["PM", "SRE", "PM", "DEVELOPER"]) MoveCursor(feed, "bob", node);
        MoveCursor(feed, "alice", "PM");
        Tick();

        var frames = await bob.Frames.WaitForAsync(all => all.Any(f => f.CanBeSkipped));

        Assert.Equal(["USER_JOIN"], Texts(frames[0], "eventType"));
        Assert.False(frames[0].CanBeSkipped);
        Assert.Equal(["alice:PM", "bob:DEVELOPER"], Texts(frames[1], "userId").Zip(frames[1].Ephemeral.Select(NodeOf), (u, n) => $"{u}:{n}").Order(StringComparer.Ordinal));
        Assert.Equal([new("bob", "DEVELOPER")], feed.Read(0)!.CursorPositions);
    }

    [Fact]
    public async Task Who_comes_and_goes_within_a_tick_is_announced_four_times_at_most_and_rightly_in_the_end()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        Tick();
        await bob.Frames.WaitForAsync(all => all.Count >= 1);

        for (var i = 0; i < 100; i++) ComeAndGo(feed, "mallory");
        feed.Attach(new FakeSubscriber("carol"), 0, asConnection: true);
        feed.Attach(new FakeSubscriber("mallory"), 0, asConnection: true);
        Tick();

        var frames = await bob.Frames.WaitForAsync(all => all.Count > 1);
        Assert.Equal(["mallory", "mallory", "carol", "mallory"], Texts(frames[1], "userId"));
        Assert.Equal(["USER_JOIN", "USER_LEAVE", "USER_JOIN", "USER_JOIN"], Texts(frames[1], "eventType"));
        Assert.Equal([2, 1, 2, 3], frames[1].Ephemeral.Select(json => JsonElement.Parse(json).GetProperty("data").GetProperty("activeUserCount").GetInt32()));
    }

    [Fact]
    public async Task Who_is_sent_elsewhere_still_counts_as_there_for_the_grace_and_keeps_the_cursor()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        var carol = new FakeSubscriber("carol");
        feed.Attach(carol, 0, asConnection: true);
        MoveCursor(feed, "carol", "PM");
        Tick();
        await bob.Frames.WaitForAsync(all => all.SelectMany(f => Texts(f, "eventType")).Contains("CURSOR_MOVE"));

        feed.Detach(carol, asConnection: true, Ending.Shutdown.Grace);
        _time.Advance(Ending.Shutdown.Grace - TimeSpan.FromMilliseconds(1));
        feed.Presence.Second(_time.GetTimestamp());
        var before = (feed.ActiveUsers, feed.Read(0)!.CursorPositions);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        feed.Presence.Second(_time.GetTimestamp());
        Tick();

        Assert.Equal(["bob", "carol"], before.ActiveUsers);
        Assert.Equal([new("carol", "PM")], before.CursorPositions);
        Assert.Equal(["bob"], feed.ActiveUsers);
        var frames = await bob.Frames.WaitForAsync(all => all.SelectMany(f => Texts(f, "eventType")).Contains("USER_LEAVE"));
        Assert.Equal(["USER_LEAVE"], Texts(frames[^1], "eventType"));
    }

    [Fact]
    public async Task A_cursor_move_does_not_come_after_its_user_has_gone()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        ComeAndGo(feed, "carol", () => MoveCursor(feed, "carol", "PM"));
        MoveCursor(feed, "bob", "SRE");
        Tick();

        var frames = await bob.Frames.WaitForAsync(all => all.Any(f => f.CanBeSkipped));

        Assert.Equal(["bob", "carol", "carol"], Texts(frames[0], "userId"));
        Assert.Equal(["bob"], Texts(frames[1], "userId"));
    }

    [Fact]
    public async Task Ephemeral_events_wait_for_the_tick_and_critical_ones_do_not()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        Commit(feed, 1);
        await bob.HasAsync(1);
        Assert.Empty(bob.Frames.All.SelectMany(f => f.Ephemeral));

        Tick();

        await bob.Frames.WaitForAsync(all => all.Any(f => f.Ephemeral.Length > 0));
        Assert.Empty(_waitForTick);
    }

    [Fact]
    public async Task Nothing_is_lost_between_the_view_of_an_attachment_and_its_frames()
    {
        const int Count = 20_000;
        var feed = NewFeed(keep: Count);
        var publishing = Task.Run(() =>
        {
            for (var sequence = 1; sequence <= Count; sequence++) Commit(feed, sequence);
        });
        var joined = new List<(FakeSubscriber Subscriber, long[] Seen)>();
        while (!publishing.IsCompleted && joined.Count < 200)
        {
            var subscriber = new FakeSubscriber();
            var view = feed.Attach(subscriber, 0, asConnection: false)!;
            subscriber.Offer();
            joined.Add((subscriber, [.. view.Events.Select(e => e.Sequence)]));
            await Task.Yield();
        }
        await publishing;

        foreach (var (subscriber, seen) in joined)
        {
            if (seen is not [.., Count]) await subscriber.HasAsync(Count);
            Assert.Equal(Enumerable.Range(1, Count).Select(n => (long)n), seen.Concat(subscriber.Sequences.Where(s => s > (seen is [.., var last] ? last : 0))));
        }
    }

    [Fact]
    public void No_wake_up_is_lost_however_often_the_pump_falls_asleep()
    {
        var feed = NewFeed();
        var bob = Follow(feed, "bob");
        for (var sequence = 1; sequence <= 20_000; sequence++)
        {
            Commit(feed, sequence);
            var (spin, since) = (new SpinWait(), Environment.TickCount64);
            while (bob.LastSequence < sequence)
            {
                Assert.True(Environment.TickCount64 - since < Patience.Default.TotalMilliseconds, $"Event {sequence} never came.");
                spin.SpinOnce(sleep1Threshold: -1);
            }
            // The next commit is to meet the pump at every point of its way to sleep.
            Thread.SpinWait(sequence % 100);
        }
    }

    private Feed NewFeed(long maxLagBytes = 100_000_000, int keep = 100)
    {
        var feed = new Feed(Some.Run, keep, maxLagBytes, _waitForTick, NoFeedNews.Instance, _time);
        feed.Load(Some.Nothing, after: 0);
        return feed;
    }

    private static FakeSubscriber Follow(Feed feed, string user)
    {
        var subscriber = new FakeSubscriber(user);
        feed.Attach(subscriber, 0, asConnection: user == "bob");
        return subscriber;
    }

    private static void ComeAndGo(Feed feed, string user, Action? meanwhile = null)
    {
        var subscriber = new FakeSubscriber(user);
        feed.Attach(subscriber, 0, asConnection: true);
        meanwhile?.Invoke();
        feed.Detach(subscriber, asConnection: true);
    }

    private static void Commit(Feed feed, long sequence)
    {
        feed.Committed(Some.Epoch, Some.Event(sequence));
        feed.Flush();
    }

    private static async Task CommitSeenByAsync(FakeSubscriber subscriber, Feed feed, long sequence)
    {
        Commit(feed, sequence);
        await subscriber.HasAsync(sequence);
    }

    private static void MoveCursor(Feed feed, string userId, string node) =>
        feed.Presence.MoveCursor(userId, node, Some.Ephemeral("CURSOR_MOVE", userId, JsonSerializer.Serialize(new { nodeId = node })));

    private void Tick()
    {
        while (_waitForTick.TryDequeue(out var feed)) feed.Tick();
    }

    private static IEnumerable<string?> Texts(Frame frame, string field) => frame.Ephemeral.Select(json => JsonElement.Parse(json).GetProperty(field).GetString());

    private static string? NodeOf(byte[] json) => JsonElement.Parse(json).GetProperty("data").GetProperty("nodeId").GetString();
}
