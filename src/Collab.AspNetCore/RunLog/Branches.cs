using System.Globalization;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>Begins runs as copies of others. The store copies; a few at a time, among what else reads much of it.</summary>
internal sealed class Branches(IRunStore store, Feeds feeds, ServerLimits limits, IOptions<CollabOptions> options)
{
    private readonly int _keep = options.Value.Retention.EventsPerRun;

    /// <summary>Makes the new run, or finds it as it was made.</summary>
    /// <returns>The answer, and whether the run was made just now.</returns>
    /// <exception cref="RefusedException">
    /// <c>invalid_event</c>: there is no such event, or it is kept no more. <c>conflict</c>: another run has the new one's id.
    /// <c>overloaded</c>: the server has too many to make.
    /// </exception>
    /// <exception cref="StoreException">Whether it was made is not known.</exception>
    public async ValueTask<(BranchResult Result, bool IsNew)> MakeAsync(Branch branch, CancellationToken cancellationToken)
    {
        if (branch.From == branch.RunId) throw Taken();
        using var copy = await limits.Copies.TakeAsync(1, cancellationToken);
        using var read = await limits.StoreReads.TakeAsync(1, cancellationToken);
        // Once begun it is not given up with the caller: who follows the new run is told.
        var outcome = await store.BranchAsync(branch, _keep, CancellationToken.None);
        if (outcome.Kind == BranchKind.Taken) throw Taken();
        if (outcome.Kind == BranchKind.NotKept) throw NotKept(outcome);
        // A repeat too: the first answer may not have come, here or on a server that has died.
        feeds.Began(branch.RunId, outcome.Epoch, branch.Sequence);
        return (new(branch.RunId, outcome.Epoch, new(branch.From, branch.Sequence)), outcome.Kind == BranchKind.Made);
    }

    private static RefusedException Taken() =>
        new(CollabErrorCode.Conflict, "runId: there is a run of that id already, and it is not this copy.");

    private static RefusedException NotKept(in BranchOutcome outcome) => RefusedException.Invalid(
        outcome.Last == 0
            ? "from: nothing was written to that run."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"atSequence must be from {outcome.First} to {outcome.Last}: the events of the run that are kept."));
}
