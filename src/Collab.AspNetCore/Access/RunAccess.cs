using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>What a user may do with a run. Each level includes the ones before it.</summary>
public enum RunAccess
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Join, poll, replay, and show a cursor.</summary>
    Read,

    /// <summary>Publish events.</summary>
    Write,
}

/// <summary>How much access is needed for what, and what follows from having too little.</summary>
internal static class RunAccessRule
{
    /// <summary>What a user needs to publish an event of a type that clients may.</summary>
    public static RunAccess NeededAccess(this EventType type) => type.Sender == EventSender.Reader ? RunAccess.Read : RunAccess.Write;

    /// <exception cref="RefusedException"><c>forbidden</c>: it is less than what is needed.</exception>
    public static void Demand(this RunAccess access, RunAccess needed)
    {
        if (access >= needed) return;
        var what = needed == RunAccess.Write ? "write to" : "read";
        throw new RefusedException(CollabErrorCode.Forbidden, $"You have no right to {what} this run.");
    }
}
