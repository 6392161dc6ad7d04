using Collab.AspNetCore.Access;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Http;

/// <summary>What every endpoint of one run begins with: who asks, which run, and whether the one may do that with the other.</summary>
internal sealed class RunRequest(Feeds feeds, RunRights rights, IOptions<CollabOptions> options)
{
    /// <exception cref="RefusedException"><c>invalid_event</c>, <c>unauthorized</c> or <c>forbidden</c>.</exception>
    public async ValueTask<(Guid RunId, Caller Caller)> AuthorizeAsync(HttpContext http, string runId, RunAccess needed)
    {
        var id = RunIds.Parse(runId);
        return (id, await AuthorizeAsync(http, id, needed));
    }

    /// <exception cref="RefusedException"><c>unauthorized</c> or <c>forbidden</c>.</exception>
    public async ValueTask<Caller> AuthorizeAsync(HttpContext http, Guid runId, RunAccess needed)
    {
        var caller = Caller.From(http.User, options.Value.Auth.NameClaim);
        (await rights.GetAccessAsync(caller.Principal, runId, http.RequestAborted)).Demand(needed);
        return caller;
    }

    /// <exception cref="RefusedException"><c>invalid_event</c> or <c>unauthorized</c>.</exception>
    public async ValueTask<(Guid RunId, Caller Caller, RunAccess Access)> GetAccessAsync(HttpContext http, string runId)
    {
        var id = RunIds.Parse(runId);
        var caller = Caller.From(http.User, options.Value.Auth.NameClaim);
        return (id, caller, await rights.GetAccessAsync(caller.Principal, id, http.RequestAborted));
    }

    /// <exception cref="RefusedException"><c>invalid_event</c>, <c>unauthorized</c>, <c>forbidden</c> or <c>unavailable</c>.</exception>
    public async ValueTask<(Feed Feed, Caller Caller)> ReadAsync(HttpContext http, string runId)
    {
        var (id, caller) = await AuthorizeAsync(http, runId, RunAccess.Read);
        return (await feeds.GetAsync(id, http.RequestAborted), caller);
    }
}
