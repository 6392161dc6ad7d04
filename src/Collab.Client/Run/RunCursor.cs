namespace Collab.Client;

/// <summary>Where a client stands in a run's log.</summary>
/// <param name="Epoch">Identity of the log; null before the first answer.</param>
/// <param name="Last">The highest sequence number seen; 0 before the first.</param>
internal readonly record struct RunCursor(Guid? Epoch, long Last)
{
    /// <summary>What an event is to a client that stands here.</summary>
    public Placement Place(long sequence) =>
        sequence <= Last ? Placement.Duplicate : sequence == Last + 1 ? Placement.Next : Placement.Gap;
}

/// <summary>Seen before, the one that comes next, or one after some that are missing.</summary>
internal enum Placement
{
    Duplicate,
    Next,
    Gap,
}
