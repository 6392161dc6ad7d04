using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Http;
using Collab.AspNetCore.Hub;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>What the state comes to goes ahead of the events, now and then, to those who ask for it; and one serves many.</summary>
public sealed class FingerprintTests
{
    private readonly ConcurrentQueue<Feed> _waitForTick = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Every_256_events_there_is_one_and_it_goes_ahead_of_the_event_that_it_is_about()
    {
        var feed = NewFeed();
        var follower = Follow(feed, wants: true);
        var state = new StateFold();

        for (var sequence = 1; sequence <= 1024; sequence++)
        {
            var e = Some.Event(sequence, data: $$"""{"stepId":"step {{sequence % 7}}"}""");
            state.Apply(e.Sequence, e.EventType, e.UserId, e.Data);
            feed.Committed(Some.Epoch, e);
            feed.Flush();
            await follower.HasAsync(sequence);
            var sent = follower.Frames.All[^1].Fingerprint;
            Assert.Equal(sequence % 256 == 0 ? StateFingerprint.Of(state.State) : null, sent);
        }
    }

    [Fact]
    public async Task Where_events_come_faster_than_they_are_framed_it_is_about_the_newest()
    {
        var feed = NewFeed();
        var follower = Follow(feed, wants: true);
        foreach (var e in Some.Events(1, 600)) feed.Committed(Some.Epoch, e);
        feed.Flush();
        await follower.HasAsync(600);

        var (frame, before) = (follower.Frames.All.Single(f => f.Fingerprint is not null), 0L);
        foreach (var earlier in follower.Frames.All.TakeWhile(f => f != frame)) before = earlier.Critical[^1].Sequence;

        Assert.Equal(600, frame.Fingerprint!.Sequence);
        Assert.True(before < 600);
    }

    [Fact]
    public async Task Where_no_follower_asks_none_is_made_and_who_does_not_ask_is_sent_the_same_as_ever()
    {
        var (alone, both) = (NewFeed(), NewFeed());
        var follower = Follow(alone, wants: false);
        (FakeSubscriber asks, FakeSubscriber other) = (Follow(both, wants: true), Follow(both, wants: false));
        foreach (var feed in (Feed[])[alone, both])
        {
            foreach (var e in Some.Events(1, 256)) feed.Committed(Some.Epoch, e);
            feed.Flush();
        }
        foreach (var one in (FakeSubscriber[])[follower, asks, other]) await one.HasAsync(256);

        Assert.All(follower.Frames.All, frame => Assert.Null(frame.Fingerprint));
        var told = asks.Frames.All.Single(f => f.Fingerprint is not null);
        var plain = Frame.Apart(told.RunId, told.Critical, told.Ephemeral);
        Assert.Equal(Text(plain.In(HubFrames.Json)), Text(told.In(HubFrames.Json)));
        Assert.Equal(plain.In(StreamMessages.Form), told.In(StreamMessages.Form));
        Assert.Same(plain.In(HubFrames.Json), plain.In(HubFrames.JsonWithFingerprint));
        var hash = told.Fingerprint!.Hash;
        Assert.Equal(
            $$$"""{"type":1,"target":"ReceiveFingerprint","arguments":["{{{Some.Run}}}",{"sequence":256,"hash":"{{{hash}}}"}]}""" + "\u001e" + Text(plain.In(HubFrames.Json)),
            Text(told.In(HubFrames.JsonWithFingerprint)));
        Assert.Equal(
            $$"""
            event: fingerprint
            data: {"sequence":256,"hash":"{{hash}}"}


            """ + Encoding.UTF8.GetString(plain.In(StreamMessages.Form)),
            Encoding.UTF8.GetString(told.In(StreamMessages.FormWithFingerprint)));
    }

    [Fact]
    public void Polls_of_many_share_one_until_the_first_of_them_has_passed_it()
    {
        var feed = NewFeed();
        Commit(feed, 1, 10);
        var first = feed.Read(0, isPoll: true)!.Fingerprint!;
        Commit(feed, 11, 20);

        Assert.Same(first, feed.Read(5, isPoll: true)!.Fingerprint);
        Assert.Same(first, feed.Read(10, isPoll: true)!.Fingerprint);
        var next = feed.Read(11, isPoll: true)!.Fingerprint!;
        Assert.Equal((10, 20), (first.Value.Sequence, next.Value.Sequence));
        Assert.Same(next, feed.Read(15, isPoll: true)!.Fingerprint);
        Assert.Same(next, feed.StateWithFingerprint.Fingerprint);
        Assert.Null(feed.Read(15)!.Fingerprint);
    }

    private static void Commit(Feed feed, int first, int last)
    {
        foreach (var e in Some.Events(first, last)) feed.Committed(Some.Epoch, e);
    }

    private static string Text(FrameMessage message)
    {
        var written = new ArrayBufferWriter<byte>();
        message.CopyTo(written);
        return Encoding.UTF8.GetString(written.WrittenSpan);
    }

    private static FakeSubscriber Follow(Feed feed, bool wants)
    {
        var subscriber = new FakeSubscriber { WantsToCompare = wants };
        feed.Attach(subscriber, 0, asConnection: false);
        return subscriber;
    }

    private Feed NewFeed()
    {
        var feed = new Feed(Some.Run, keep: 10_000, maxLagBytes: 100_000_000, _waitForTick, NoFeedNews.Instance, _time);
        feed.Load(Some.Nothing, after: 0);
        return feed;
    }
}
