namespace Collab.AspNetCore.Store;

/// <summary>A run that is to begin as a copy of another.</summary>
/// <param name="From">The run to copy.</param>
/// <param name="Sequence">The last event to copy.</param>
/// <param name="RunId">The new run.</param>
internal sealed record Branch(Guid From, long Sequence, Guid RunId)
{
    /// <summary>So often a trim may come between the look at a run and its copy.</summary>
    public const int Attempts = 5;

    /// <summary>It was trimmed again and again.</summary>
    public static StoreException NeverStill() => new(
        StoreFailure.Unavailable, new InvalidOperationException("The run was trimmed or erased each time that it was about to be copied."));
}

/// <summary>What came of a <see cref="Branch"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Epoch">The new run's, if it is there.</param>
/// <param name="First">If <see cref="BranchKind.NotKept"/>: the first event that there can be a copy up to.</param>
/// <param name="Last">If <see cref="BranchKind.NotKept"/>: the last one; 0: there is none.</param>
internal readonly record struct BranchOutcome(BranchKind Kind, Guid Epoch = default, long First = 0, long Last = 0)
{
    /// <summary>What is there under the id of the new run.</summary>
    public static BranchOutcome There(Branch branch, Guid epoch, Guid? from, long? sequence) =>
        new(from == branch.From && sequence == branch.Sequence ? BranchKind.Repeated : BranchKind.Taken, epoch);

    /// <summary>Whether there can be a copy.</summary>
    /// <param name="branch">What is wanted.</param>
    /// <param name="folded">Up to where the run's events are gone.</param>
    /// <param name="last">The run's newest event.</param>
    /// <param name="keep">How many of its events clients see.</param>
    /// <returns>Null: yes.</returns>
    public static BranchOutcome? Refusal(Branch branch, long folded, long last, int keep)
    {
        var first = Math.Max(folded, last - keep) + 1;
        return branch.Sequence >= first && branch.Sequence <= last
            ? null
            : new(BranchKind.NotKept, First: first, Last: last);
    }
}

internal enum BranchKind
{
    /// <summary>The new run is there.</summary>
    Made,

    /// <summary>It was there before, the same copy, whatever has been added to it since.</summary>
    Repeated,

    /// <summary>Another run is there under its id. Nothing was done.</summary>
    Taken,

    /// <summary>The event to copy up to is not kept, or there is none of that number. Nothing was done.</summary>
    NotKept,
}
