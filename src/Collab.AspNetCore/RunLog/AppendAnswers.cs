using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.RunLog;

/// <summary>Notes on appends what has become of them, and counts those that failed.</summary>
internal sealed class AppendAnswers(CollabMetrics metrics)
{
    /// <summary>What the log has for it.</summary>
    public void Answer(QueuedAppend append, in Appended appended)
    {
        append.Answer(appended);
        // That a run has ended, or was changed by another, is no failure of the log.
        if (append.IsRefused && append.Found is not (Store.Found.End or Store.Found.Clash))
            metrics.AppendsFailed(AppendFailure.Rejected, 1);
    }

    /// <summary>The store cannot hold one of them, and they may not be stored without each other.</summary>
    public void Reject(IReadOnlyList<QueuedAppend> appends)
    {
        var detail = appends.Count == 1 ? "The store cannot hold this event." : "The store cannot hold one of these events.";
        foreach (var append in appends) append.Refuse(RefusedException.Invalid(detail));
        metrics.AppendsFailed(AppendFailure.Rejected, appends.Count);
    }

    /// <summary>Refuses an event behind another one of its group that was refused for this reason.</summary>
    public void Refuse(QueuedAppend append, RefusedException reason)
    {
        append.Refuse(reason);
        metrics.AppendsFailed(AppendFailure.Unavailable, 1);
    }

    /// <summary>Refuses events as unavailable, each with an exception of its own.</summary>
    public void Refuse(IReadOnlyList<QueuedAppend> appends, Func<RefusedException> reason)
    {
        foreach (var append in appends) append.Refuse(reason());
        metrics.AppendsFailed(AppendFailure.Unavailable, appends.Count);
    }
}
