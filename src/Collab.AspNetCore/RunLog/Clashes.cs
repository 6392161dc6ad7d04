using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>What the publisher of an event is told that was based on what others have changed since.</summary>
internal static class Clashes
{
    public static RefusedException Refusal(long basedOn, in Appended appended)
    {
        var events = appended.Clashes!.Select(e => e.ToEvent()).ToArray();
        var detail = events is [.., var newest]
            ? FormattableString.Invariant(
                $"Event {newest.SequenceNumber} ({newest.EventType} by {newest.UserId}) touches the same, and came after event {basedOn}.")
            : FormattableString.Invariant(basedOn > appended.Sequence
                ? $"The run has no event {basedOn}: it may have begun anew."
                : (FormattableString)$"Not all that came after event {basedOn} is kept any more.");
        return new(CollabErrorCode.Conflict, detail) { ConflictingEvents = events };
    }
}
