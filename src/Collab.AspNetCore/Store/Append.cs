using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>What a publisher wants in a run's log: a critical event without its place.</summary>
/// <param name="UserName">What to call that user; null if there is no name but the id.</param>
internal readonly record struct Append(Guid RunId, Guid MessageId, string EventType, string UserId, string? UserName, byte[] Data)
{
    /// <summary>What its publisher had seen of the run; null: it is stored whatever came since.</summary>
    public Basis? Basis { get; init; }

    /// <summary>Whether it is the last event of its run.</summary>
    public bool EndsRun => EventType == EventTypes.RunEnd;

    /// <summary>Under this id there is an event in the run already: this is its repeat, or another one has used the id.</summary>
    public Appended Meets(in Appended first, string userId, string eventType) =>
        first with { Found = userId == UserId && eventType == EventType ? Found.Itself : Found.Another };
}

/// <summary>What a log has for an append.</summary>
/// <param name="Sequence">The event's place in its run.</param>
/// <param name="Timestamp">Unix milliseconds at its commit.</param>
/// <param name="Epoch">The identity of the log that it was committed to.</param>
/// <param name="Found">What was there under the append's id before. The rest is that event's.</param>
internal readonly record struct Appended(long Sequence, long Timestamp, Guid Epoch, Found Found = Found.Nothing)
{
    /// <summary>The append was not stored, for the run had ended.</summary>
    public static readonly Appended TooLate = new(0, 0, Guid.Empty, Found.End);

    /// <summary>
    /// What stands against an append that was not stored: the events that have touched its subject since, ascending. There is none where
    /// they are not kept any more, or where the run has not come as far as its publisher believes.
    /// </summary>
    public IReadOnlyList<LoggedEvent>? Clashes { get; private init; }

    /// <summary>What signs the event, if it was stored now; null: nothing does.</summary>
    public string? Signature { get; init; }

    /// <summary>The append was not stored, for what it was based on was changed since.</summary>
    /// <param name="lastSequence">Where the run stands.</param>
    /// <param name="clashes">See <see cref="Clashes"/>.</param>
    public static Appended Clashing(long lastSequence, IReadOnlyList<LoggedEvent> clashes) =>
        new(lastSequence, 0, Guid.Empty, Found.Clash) { Clashes = clashes };

    /// <summary>The append was not stored, for it may not be without one that could not be.</summary>
    public static readonly Appended Withheld = new(0, 0, Guid.Empty, Found.AnotherInGroup);
}

/// <summary>What a log had under the id of an append.</summary>
internal enum Found
{
    /// <summary>The event is new.</summary>
    Nothing,

    /// <summary>The event itself: this was its repeat.</summary>
    Itself,

    /// <summary>An event of another user or type. The append was not stored.</summary>
    Another,

    /// <summary>
    /// Nothing, but one of its atomic group was not stored, for <see cref="Another"/> or <see cref="Clash"/>. Nor was the append.
    /// </summary>
    AnotherInGroup,

    /// <summary>Nothing, but the run has ended. The append was not stored.</summary>
    End,

    /// <summary>Nothing, but its subject was touched since what it was based on. The append was not stored.</summary>
    Clash,
}

/// <summary>
/// Appends that are committed together, no two with one id, and the time that all of them get. <paramref name="MayRepeat"/>: some are
/// believed to be there already, so a store does well to look before it tries.
/// </summary>
internal readonly record struct AppendBatch(IReadOnlyList<Append> Appends, long Timestamp, bool MayRepeat = false)
{
    /// <summary>Which appends came together.</summary>
    public IReadOnlyList<AppendsTogether> Groups { get; init; } = [];

    /// <summary>Whether some of it must not be stored if their subjects were touched since.</summary>
    public bool HasBasis()
    {
        for (var place = 0; place < Appends.Count; place++)
        {
            if (Appends[place].Basis is not null) return true;
        }
        return false;
    }

    /// <summary>Those that an append came with; null: it came alone.</summary>
    public AppendsTogether? GroupOf(int place)
    {
        for (var i = 0; i < Groups.Count; i++)
        {
            if (Groups[i].Has(place)) return Groups[i];
        }
        return null;
    }
}

/// <summary>
/// Appends of one run that came together, from one publisher, and lie side by side in a batch: none of them clashes with another. If it is
/// atomic, those of them that are no repeats are all stored, or none is.
/// </summary>
internal readonly record struct AppendsTogether(int Start, int Count, bool IsAtomic)
{
    public bool Has(int place) => place >= Start && place < Start + Count;
}
