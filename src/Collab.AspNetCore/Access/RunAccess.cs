using System.Security.Claims;
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

/// <summary>
/// Decides who may do what with which run. The default reads the claim <c>run_access</c>; register your own with
/// <see cref="CollabBuilder.AuthorizeRunsWith{T}"/>.
/// </summary>
public interface IRunAuthorizer
{
    /// <summary>
    /// What the user may do with the run. Called by many threads at once, and on the way of every publish: answer without waiting where you can.
    /// A connection keeps an answer for 30 seconds.
    /// </summary>
    /// <param name="user">An authenticated user.</param>
    /// <param name="runId">The run, which may have no events yet.</param>
    /// <param name="cancellationToken">Ends when nobody waits for the answer any more.</param>
    /// <returns>The highest level that the user has.</returns>
    ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken);

    /// <summary>Which runs the user may read, to list them. Override it if you know; else the list asks run by run.</summary>
    /// <param name="user">An authenticated user.</param>
    /// <param name="cancellationToken">Ends when nobody waits for the answer any more.</param>
    /// <returns>The runs, or null: not known without asking for each.</returns>
    ValueTask<IReadOnlyCollection<Guid>?> GetReadableRunsAsync(ClaimsPrincipal user, CancellationToken cancellationToken) => new((IReadOnlyCollection<Guid>?)null);
}

/// <summary>What follows from having too little access.</summary>
internal static class RunAccessRule
{
    /// <exception cref="RefusedException"><c>forbidden</c>: it is less than what is needed.</exception>
    public static void Demand(this RunAccess access, RunAccess needed)
    {
        if (access < needed) throw new RefusedException(CollabErrorCode.Forbidden, $"You have no right to {(needed == RunAccess.Write ? "write to" : "read")} this run.");
    }
}
