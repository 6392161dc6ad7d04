using System.Security.Claims;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Access;

/// <summary>
/// The default rule: claim <c>run_access</c>, repeated, holds <c>&lt;runId&gt;:read</c>, <c>&lt;runId&gt;:write</c>, <c>*:read</c> or
/// <c>*:write</c>.
/// </summary>
internal sealed class ClaimRunAuthorizer : IRunAuthorizer
{
    public const string ClaimType = "run_access";

    public ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken)
    {
        var best = RunAccess.None;
        foreach (var grant in Grants(user))
        {
            if (grant.Access > best && (grant.RunId is null || grant.RunId == runId)) best = grant.Access;
        }
        return new(best);
    }

    public ValueTask<IReadOnlyCollection<Guid>?> GetReadableRunsAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var runs = new HashSet<Guid>(KeyedGuids.Instance);
        foreach (var grant in Grants(user))
        {
            if (grant.RunId is not { } runId) return new((IReadOnlyCollection<Guid>?)null);
            runs.Add(runId);
        }
        return new(runs);
    }

    private static IEnumerable<(Guid? RunId, RunAccess Access)> Grants(ClaimsPrincipal user)
    {
        foreach (var claim in user.FindAll(ClaimType))
        {
            var value = claim.Value.AsSpan();
            var colon = value.LastIndexOf(':');
            if (colon < 0) continue;
            var access = value[(colon + 1)..] switch { "write" => RunAccess.Write, "read" => RunAccess.Read, _ => RunAccess.None };
            if (access == RunAccess.None) continue;
            if (value[..colon] is "*") yield return (null, access);
            else if (Guid.TryParseExact(value[..colon], "D", out var runId)) yield return (runId, access);
        }
    }
}
