using System.Security.Claims;

namespace Collab.AspNetCore;

/// <summary>
/// Decides who may do what with which run. The default reads the claim <c>run_access</c>; register your own with
/// <see cref="CollabBuilder.AuthorizeRunsWith{T}"/>. Each question is put to an instance out of a service scope of its own, so an
/// authorizer may read from a <c>DbContext</c>. One that throws gives no right: the caller is refused as <c>unavailable</c>.
/// </summary>
public interface IRunAuthorizer
{
    /// <summary>
    /// What the user may do with the run. Asked in parallel, and for every HTTP request: answer without waiting where you can.
    /// A hub connection keeps an answer for 30 seconds.
    /// </summary>
    /// <param name="user">An authenticated user.</param>
    /// <param name="runId">The run, which may have no events yet.</param>
    /// <param name="cancellationToken">Cancelled when the answer is no longer needed.</param>
    /// <returns>The highest level that the user has.</returns>
    ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken);

    /// <summary>Which runs the user may read, to list them. Override it if you know; else the list asks run by run.</summary>
    /// <param name="user">An authenticated user.</param>
    /// <param name="cancellationToken">Cancelled when the answer is no longer needed.</param>
    /// <returns>The runs, or null: not known without asking for each.</returns>
    ValueTask<IReadOnlyCollection<Guid>?> GetReadableRunsAsync(ClaimsPrincipal user, CancellationToken cancellationToken) =>
        new((IReadOnlyCollection<Guid>?)null);
}
