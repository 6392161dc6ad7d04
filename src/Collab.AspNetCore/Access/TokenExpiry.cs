using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Access;

/// <summary>When what a request came in with ends.</summary>
internal static class TokenExpiry
{
    /// <summary>Null: it has no end.</summary>
    public static DateTimeOffset? Of(HttpContext http) =>
        http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
}
