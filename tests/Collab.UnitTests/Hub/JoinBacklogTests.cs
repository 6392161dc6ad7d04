using System.Text;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>
/// Who joins a large run gets its events in pieces, as fast as it reads: all, in order, each once, with what comes meanwhile, and is not cut off for what
/// the others have published.
/// </summary>
public sealed class JoinBacklogTests : IDisposable
{
    private const int Kept = 200;
    private const int EventBytes = 4_000;
    private const int AnswerBytes = 5 * EventBytes;

    private readonly HubPeer _peer = new();
    private readonly StoreOf _store = new();
    private readonly Feeds _feeds;
    private readonly ConnectionRecord _record = Some.Monitor().NewRecord("connection", clientId: null);
    private readonly HubSubscriber _subscriber;

    public JoinBacklogTests()
    {
        var (options, time) = (Some.Options(o => (o.Retention.EventsPerRun, o.Limits.SubscriberLagBytes) = (Kept, 100_000)), new ManualTime());
        _feeds = new(_store, new ServerLimits(options, time), new FeedHealer(Some.Metrics(), time, NullLogger<FeedHealer>.Instance), NoFeedNews.Instance, options, time, NullLogger<Feeds>.Instance);
        _record.WhenEnded = _peer.Connection.Abort;
        _subscriber = new(_peer.Connection, _record, "bob", Some.Run, _feeds, NullLogger.Instance);
    }

    public void Dispose()
    {
        _subscriber.Stop();
        _peer.Dispose();
    }

    [Fact]
    public async Task The_answer_has_the_first_events_and_the_others_follow_at_once()
    {
        var (_, view) = await JoinAsync();
        Assert.Equal((Kept, false), (view.LastSequence, view.Truncated));
        Assert.InRange(view.Events.Length, 2, 6);
        Assert.Equal(1, view.Events[0].Sequence);
        Assert.True(_peer.IsIdle);

        _subscriber.Begin();

        Assert.Equal(Numbers(view.Events.Length + 1, Kept), await _peer.ReadSequencesAsync(Kept));
    }

    [Fact]
    public async Task A_small_run_is_all_in_the_answer()
    {
        var (feed, view) = await JoinAsync(after: Kept - 2);
        Assert.Equal([Kept - 1, Kept], view.Events.Select(e => e.Sequence));

        _subscriber.Begin();
        Commit(feed, Kept + 1, Kept + 3);

        Assert.Equal(Numbers(Kept + 1, Kept + 3), await _peer.ReadSequencesAsync(Kept + 3));
    }

    [Fact]
    public async Task What_is_published_meanwhile_comes_after_the_rest_and_nobody_is_cut_off_for_it()
    {
        var (feed, view) = await JoinAsync();
        _subscriber.Begin();
        var seen = new List<long>(view.Events.Select(e => e.Sequence));
        // All the time more waits for it than a subscriber may lag, and less than is kept.
        for (var published = Kept; published < 3 * Kept; published += 40)
        {
            seen.AddRange(await _peer.ReadSequencesAsync(published - Kept + 60));
            Commit(feed, published + 1, published + 40);
        }
        seen.AddRange(await _peer.ReadSequencesAsync(3 * Kept));

        Assert.Equal(Numbers(1, 3 * Kept), seen);
        Assert.False(_peer.Connection.ConnectionAborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_takes_less_than_the_run_grows_by_is_cut_off()
    {
        var (feed, view) = await JoinAsync();
        _subscriber.Begin();
        Commit(feed, Kept + 1, (2 * Kept) + 50);

        var read = await _peer.ReadSequencesAsync(view.Events.Length + 1);
        await Eventually.TrueAsync(() => _peer.Connection.ConnectionAborted.IsCancellationRequested);

        Assert.Equal((2 * Kept) + 50 - read[^1], _record.ToMetrics().MessageFailures);
    }

    [Fact]
    public async Task Events_that_are_let_go_meanwhile_are_read_from_the_store()
    {
        var (feed, view) = await JoinAsync();
        feed.LetGo();

        _subscriber.Begin();

        Assert.Equal(Numbers(view.Events.Length + 1, Kept), await _peer.ReadSequencesAsync(Kept));
        Assert.Equal(2, _store.Loads);
    }

    [Fact]
    public async Task Who_comes_and_goes_meanwhile_is_told()
    {
        var (feed, _) = await JoinAsync();
        var other = new FakeSubscriber("carol");
        feed.Attach(other, Kept, asConnection: true);
        _feeds.Tick();
        await other.Frames.WaitForAsync(all => all.Any(f => f.Ephemeral.Length > 0));
        feed.Detach(other, asConnection: true);

        _subscriber.Begin();
        _feeds.Tick();

        var events = await _peer.ReadAsync(e => e.GetProperty("eventType").GetString() == "USER_LEAVE");
        Assert.Contains(events, e => e.GetProperty("eventType").GetString() == "USER_JOIN" && e.GetProperty("userId").GetString() == "carol");
    }

    [Fact]
    public async Task All_who_need_the_same_piece_share_it()
    {
        var (feed, _) = await JoinAsync();
        var others = Enumerable.Range(0, 3).Select(_ => new FakeSubscriber()).ToArray();
        foreach (var other in others) feed.Attach(other, 0, AnswerBytes, asConnection: true);

        var pieces = others.Select(other => feed.NextOf(other, out _)).ToArray();

        Assert.NotNull(pieces[0]);
        Assert.All(pieces, piece => Assert.Same(pieces[0], piece));
    }

    [Fact]
    public async Task No_event_comes_twice_however_the_join_falls_between_commits()
    {
        const int Published = 3_000;
        var feed = await _feeds.GetAsync(Guid.NewGuid(), CancellationToken.None);
        var publishing = Task.Run(() => Commit(feed, 1, Published, bytes: 100));
        var joined = new List<(FakeSubscriber Subscriber, long Last)>();
        while (!publishing.IsCompleted)
        {
            var subscriber = new FakeSubscriber();
            var view = feed.Attach(subscriber, 0, AnswerBytes, asConnection: true)!;
            joined.Add((subscriber, view.Events is [.., var last] ? last.Sequence : view.LastSequence));
            await Task.Yield();
        }
        await publishing;
        feed.Flush();

        foreach (var (subscriber, last) in joined.TakeLast(50))
        {
            // Those that fell behind what is kept are another matter.
            if (last < Published - Kept) continue;
            var seen = new List<long>();
            await Eventually.TrueAsync(
                () =>
                {
                    while (feed.NextOf(subscriber, out _) is { } piece) seen.AddRange(piece.Critical.Select(e => e.Sequence));
                    if (subscriber.Position is not null) subscriber.Offer();
                    return last + seen.Count + subscriber.Sequences.Count() >= Published;
                });
            Assert.Equal(Numbers((int)last + 1, Published), seen.Concat(subscriber.Sequences));
        }
    }

    private ValueTask<(Feed Feed, RunView View)> JoinAsync(long after = 0) => _subscriber.AttachAsync(after, AnswerBytes, CancellationToken.None);

    private static void Commit(Feed feed, int first, int last, int bytes = EventBytes)
    {
        for (var sequence = first; sequence <= last; sequence++)
        {
            feed.Committed(Some.Epoch, Large(sequence, bytes));
            feed.Flush();
        }
    }

    private static LoggedEvent Large(long sequence, int bytes = EventBytes) =>
        new(Some.Run, sequence, "FLAG", "alice", userName: null, 1, Guid.NewGuid(), Encoding.UTF8.GetBytes($$"""{"stepId":"PM","note":"{{new string('x', bytes)}}"}"""));

    private static IEnumerable<long> Numbers(int first, int last) => Enumerable.Range(first, Math.Max(0, last - first + 1)).Select(n => (long)n);

    /// <summary>Has one run with large events.</summary>
    private sealed class StoreOf : EmptyStore
    {
        private int _loads;

        public int Loads => _loads;

        public override ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
        {
            if (runId != Some.Run) return base.LoadAsync(runId, after, keep, cancellationToken);
            Interlocked.Increment(ref _loads);
            return new(new RunSnapshot(Some.Epoch, Kept, 0, new(), [.. Enumerable.Range(1, Kept).Select(n => Large(n)).Where(e => e.Sequence > after)]));
        }
    }
}
