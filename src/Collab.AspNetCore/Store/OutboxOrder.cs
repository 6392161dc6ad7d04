namespace Collab.AspNetCore.Store;

/// <summary>
/// Keeps the outbox in the order of its inserts where transactions overlap: one that inserted first may commit last, and until then its
/// rows are a gap between those that can be seen. A gap is waited for while the transactions that may fill it are open, and no longer than
/// <see cref="Patience"/>: an application that forgets to commit must not stop everybody else's events.
/// </summary>
internal sealed class OutboxOrder(TimeProvider time)
{
    /// <summary>How long a gap holds up what is behind it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private long _settled;
    private Gap? _gap;

    /// <summary>A gap is being waited for.</summary>
    public bool IsWaiting => _gap is not null;

    /// <summary>How many of the rows that were read, by their ids, may go: nothing can come between them any more.</summary>
    public int CountReady(IReadOnlyList<long> ids)
    {
        var count = 0;
        // In this way round there is nothing after the highest id that there can be.
        for (; count < ids.Count && (ids[count] <= _settled || ids[count] - 1 == _settled); count++)
            _settled = Math.Max(_settled, ids[count]);
        return count;
    }

    /// <summary>Everything up to an id that can ever be seen can be seen from now on.</summary>
    public void Settle(long upTo) => _settled = Math.Max(_settled, upTo);

    /// <summary>There is a gap before a row, and these transactions may fill it.</summary>
    public void WaitFor(long row, IEnumerable<string> writers) =>
        _gap = new(row, writers.ToHashSet(StringComparer.Ordinal), time.GetTimestamp());

    /// <summary>These transactions are open now. What is read after this shows what the others have done.</summary>
    public void Look(IEnumerable<string> writers)
    {
        if (_gap is not { } gap || (gap.Writers.Overlaps(writers) && time.GetElapsedTime(gap.Since) < Patience)) return;
        Settle(gap.Row);
        _gap = null;
    }

    private readonly record struct Gap(long Row, HashSet<string> Writers, long Since);
}
