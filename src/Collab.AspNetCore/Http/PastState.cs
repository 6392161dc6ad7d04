using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.Http;

/// <summary>A run's state as it was. The store has the fold of the events that are gone and every event since, so each later moment can be made from them.</summary>
internal static class PastState
{
    /// <param name="keep">How many events of a run clients see. The trimmer lets the store have some more, which is not promised to anybody.</param>
    /// <exception cref="RefusedException"><c>invalid_event</c>: no such moment, or none that is kept.</exception>
    public static async ValueTask<byte[]> ReadAsync(IRunStore store, Guid runId, long sequence, int keep, CancellationToken cancellationToken)
    {
        var run = await store.LoadUpToAsync(runId, sequence, keep, cancellationToken);
        var first = Math.Max(run.FoldedSequence, run.LastSequence - keep);
        return sequence >= first && sequence <= run.LastSequence
            ? run.State.ToJson()
            : throw RefusedException.Invalid($"asOfSequence must be from {first} to {run.LastSequence}: what came before is only known as a whole.");
    }
}
