using System.Diagnostics;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// The way of an event as spans of the source <c>Collab</c>: <c>publish</c> from the queue to the acknowledgement, <c>commit</c> for a
/// batch, with a link to each publish in it, and under it a <c>fan-out</c> per run. Without a listener each method returns at once.
/// </summary>
internal static class CollabTracing
{
    public const string SourceName = "Collab";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>An event waits for its commit. What called is its parent, unless nobody records that.</summary>
    public static Activity? StartPublish(Guid runId, string eventType)
    {
        if (!Source.HasListeners()) return null;
        var caller = Activity.Current;
        try
        {
            // The host makes an activity for each request even if nobody listens to it; as a parent that is not recorded it would silence
            // this span too.
            if (caller is { Recorded: false, HasRemoteParent: false }) Activity.Current = null;
            return Source.StartActivity("publish", ActivityKind.Producer)
                ?.SetTag("collab.run.id", runId).SetTag("collab.event.type", eventType);
        }
        finally
        {
            Activity.Current = caller;
        }
    }

    /// <summary>The publisher hears what has become of the event.</summary>
    /// <param name="publish">From <see cref="StartPublish"/>.</param>
    /// <param name="sequence">The event's place in its run.</param>
    /// <param name="refusal">Why it was not stored; null if it was.</param>
    public static void EndPublish(Activity publish, long sequence, string? refusal)
    {
        var here = Activity.Current;
        if (refusal is null) publish.SetTag("collab.sequence", sequence);
        else publish.SetStatus(ActivityStatusCode.Error, refusal);
        publish.Dispose();
        Activity.Current = here;
    }

    /// <summary>A batch goes to the store.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="publishOf">An event's span, from <see cref="StartPublish"/>.</param>
    public static Activity? StartCommit<T>(IReadOnlyCollection<T> batch, Func<T, Activity?> publishOf)
    {
        if (!Source.HasListeners()) return null;
        var links = batch.Select(publishOf).OfType<Activity>().Select(publish => new ActivityLink(publish.Context));
        return Source.StartActivity("commit", ActivityKind.Internal, parentContext: default, links: links)
            ?.SetTag("collab.batch.size", batch.Count);
    }

    /// <summary>Notes what is being traced here as the cause of a fan-out that is about to be scheduled.</summary>
    public static void Note(ref Activity? cause)
    {
        if (Source.HasListeners() && Activity.Current is { } current) cause = current;
    }

    /// <summary>Frames of a run go to its followers.</summary>
    /// <param name="cause">From <see cref="Note"/>; taken.</param>
    /// <param name="runId">The run.</param>
    public static Activity? StartFanOut(ref Activity? cause, Guid runId)
    {
        if (cause is null || Interlocked.Exchange(ref cause, null) is not { } commit) return null;
        return Source.StartActivity("fan-out", ActivityKind.Internal, commit.Context)?.SetTag("collab.run.id", runId);
    }
}
