using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Security;

/// <summary>Marks our endpoints, whose refusals carry our codes.</summary>
internal sealed class CollabEndpoint;

/// <summary>Says "no token" and "no right" as problem details on our endpoints, and leaves the application's own to its own way.</summary>
internal sealed class AuthorizationProblems : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded || context.GetEndpoint()?.Metadata.GetMetadata<CollabEndpoint>() is null)
            return _default.HandleAsync(next, context, policy, authorizeResult);
        var refused = authorizeResult.Challenged
            ? new RefusedException(CollabErrorCode.Unauthorized, "A valid token is needed.")
            : new RefusedException(CollabErrorCode.Forbidden, "Your token gives no right to this.");
        return Problem.From(refused, context).ExecuteAsync(context);
    }
}
