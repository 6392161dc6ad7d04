using System.Globalization;
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
            ? string.Create(CultureInfo.InvariantCulture, $"Event {newest.SequenceNumber} ({newest.EventType} by {newest.UserId}) touches the same, and came after event {basedOn}.")
            : basedOn > appended.Sequence
                ? string.Create(CultureInfo.InvariantCulture, $"The run has no event {basedOn}: it may have begun anew.")
                : string.Create(CultureInfo.InvariantCulture, $"Not all that came after event {basedOn} is kept any more.");
        return new(CollabErrorCode.Conflict, detail) { ConflictingEvents = events };
    }
}
