using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>What a publisher wants in a run's log: a critical event without its place.</summary>
/// <param name="UserName">What to call that user; null if there is no name but the id.</param>
internal readonly record struct Append(Guid RunId, Guid MessageId, string EventType, string UserId, string? UserName, byte[] Data)
{
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

    /// <summary>Nothing, but <see cref="Another"/> under the id of one of its atomic group. The append was not stored.</summary>
    AnotherInGroup,

    /// <summary>Nothing, but the run has ended. The append was not stored.</summary>
    End,
}

/// <summary>
/// Appends that are committed together, no two with one id, and the time that all of them get. <paramref name="MayRepeat"/>: some are
/// believed to be there already, so a store does well to look before it tries.
/// </summary>
internal readonly record struct AppendBatch(IReadOnlyList<Append> Appends, long Timestamp, bool MayRepeat = false)
{
    /// <summary>Which appends are stored together or not at all.</summary>
    public IReadOnlyList<AtomicGroup> Groups { get; init; } = [];
}

/// <summary>Appends of one run that lie side by side in a batch. Those of them that are no repeats are all stored, or none is.</summary>
internal readonly record struct AtomicGroup(int Start, int Count)
{
    public bool Has(int place) => place >= Start && place < Start + Count;
}
