using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Http;

/// <summary>Answers polls, and lets those wait who would get nothing new. Whoever polls is present for a few intervals more.</summary>
internal sealed class LongPoll(Feeds feeds, IOptions<CollabOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int PresentForIntervals = 3;
    private readonly TimeSpan _presentFor = TimeSpan.FromMilliseconds(options.Value.Polling.IntervalMs * PresentForIntervals);

    public async ValueTask<RunView> ReadAsync(Feed feed, string userId, long after, TimeSpan wait, CancellationToken aborted)
    {
        while (!feed.Polled(userId, time.GetUtcNow() + wait + _presentFor))
        {
            // It ended since it was looked up: the one that takes its place counts.
            await Task.Yield();
            feed = await feeds.GetAsync(feed.RunId, aborted);
        }
        var view = await feeds.ReadAsync(feed.RunId, after, aborted);
        if (wait == TimeSpan.Zero || view.LastSequence > after) return view;

        using var until = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        until.CancelAfter(wait);
        var waiter = new Waiter(userId);
        var (attachedTo, attached) = await feeds.AttachAsync(feed.RunId, waiter, after, asConnection: false, aborted);
        try
        {
            // Between the first look and the attachment something may have come.
            if (attached.LastSequence == view.LastSequence && attached.Epoch == view.Epoch) await waiter.NewsAsync(until.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // Nothing new in time; the answer says so.
        }
        finally
        {
            attachedTo.Detach(waiter, asConnection: false);
        }
        return await feeds.ReadAsync(feed.RunId, after, aborted);
    }

    /// <summary>Woken by a critical event or by somebody who comes or goes; cursors can wait for the next poll.</summary>
    private sealed class Waiter(string userId) : Subscriber(userId)
    {
        private readonly TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task NewsAsync(CancellationToken cancellationToken) => _news.Task.WaitAsync(cancellationToken);

        public override void Offer()
        {
            while (Position!.Next is { } frame)
            {
                Position = frame;
                if (!frame.CanBeSkipped) _news.TrySetResult();
            }
        }

        public override void CutOff(Ending ending) => _news.TrySetResult();
    }
}
