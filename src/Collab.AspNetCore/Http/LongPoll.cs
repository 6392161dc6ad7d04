using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Http;

/// <summary>What a poll asks.</summary>
/// <param name="After">The last event that the client has.</param>
/// <param name="Wait">How long to wait for news.</param>
/// <param name="Seen">Up to which number the client has applied the run; null: it does not say.</param>
/// <param name="WithPresence">Whether it asks what those are who are there, and how far they have seen.</param>
internal readonly record struct PollQuestion(long After, TimeSpan Wait, long? Seen = null, bool WithPresence = false);

/// <summary>
/// Answers polls, and lets those wait who would get nothing new. A user is present while a poll waits, and for a few intervals after each.
/// </summary>
internal sealed class LongPoll(
    Feeds feeds, UserLimits limits, ConnectionMonitor monitor, IOptions<CollabOptions> options, TimeProvider time)
{
    private const int PresentForIntervals = 3;
    private readonly TimeSpan _presentFor = TimeSpan.FromMilliseconds(options.Value.Polling.IntervalMs * PresentForIntervals);

    /// <summary>Until when, by the monotonic clock, a user is present who polls now and not again.</summary>
    private long PresentUntil => time.GetTimestamp() + time.TicksOf(_presentFor);

    /// <exception cref="RefusedException">
    /// <c>rate_limited</c>: the user has too many connections. <c>unavailable</c>: the server drains, and no poll can wait. Else why the
    /// server ended one that did.
    /// </exception>
    public async ValueTask<RunView> ReadAsync(HttpContext http, Feed feed, Caller caller, PollQuestion question)
    {
        var (after, wait, seen, withPresence) = question;
        var aborted = http.RequestAborted;
        while (!feed.Presence.Polled(caller, PresentUntil, seen))
        {
            // It ended since it was looked up: the one that takes its place counts.
            await Task.Yield();
            feed = await feeds.GetAsync(feed.RunId, aborted);
        }
        var view = await feeds.ReadAsync(feed.RunId, after, aborted, isPoll: true, withPresence);
        if (wait == TimeSpan.Zero || view.LastSequence > after || view.HasEnded) return view;

        monitor.Entrance.Demand();
        using var place = limits.Connect(caller);
        await WaitAsync(http, view, caller, question);
        return await feeds.ReadAsync(feed.RunId, after, aborted, isPoll: true, withPresence);
    }

    private async Task WaitAsync(HttpContext http, RunView view, Caller caller, PollQuestion question)
    {
        var (after, wait, seen, _) = question;
        var (userId, aborted) = (caller.UserId, http.RequestAborted);
        using var watched = new WatchedRequest(http, ConnectionKind.Poll, view.RunId, caller, monitor);
        watched.Record.SeenIn = _ => seen;
        using var until = CancellationTokenSource.CreateLinkedTokenSource(watched.Token);
        until.CancelAfter(wait);
        var waiter = new Waiter(userId, watched.Record);
        var (feed, attached) = await feeds.AttachAsync(view.RunId, waiter, after, asConnection: false, aborted);
        feed.Presence.BeginWait(userId);
        try
        {
            // Between the first look and the attachment something may have come.
            var isNews = attached.LastSequence != view.LastSequence || attached.Epoch != view.Epoch;
            if (!isNews && !attached.HasEnded) await waiter.NewsAsync(until.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // Nothing new in time; the answer says so.
        }
        finally
        {
            feed.Presence.EndWait(userId, PresentUntil);
            feed.Detach(waiter, asConnection: false);
        }
        if (watched.Record.Ending?.ToRefusal() is { } refusal) throw refusal;
    }

    /// <summary>Woken by a critical event or by another user who comes or goes; cursors can wait for the next poll.</summary>
    private sealed class Waiter(string userId, ConnectionRecord record) : Subscriber(userId)
    {
        private readonly TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task NewsAsync(CancellationToken cancellationToken) => _news.Task.WaitAsync(cancellationToken);

        public override void Offer()
        {
            while (Position!.Next is { } frame)
            {
                Position = frame;
                if (frame.Critical.Length > 0 || Array.Exists(frame.Users, user => user != UserId)) _news.TrySetResult();
            }
        }

        public override void CutOff(Ending ending) => record.End(ending);
    }
}
