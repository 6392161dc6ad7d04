using System.Security.Claims;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Access;

/// <summary>Who is calling, by hub or HTTP.</summary>
internal sealed class Caller
{
    private const int MaxUserIdLength = 256;

    private Caller(string userId, ClaimsPrincipal principal) => (UserId, Principal) = (userId, principal);

    public string UserId { get; }

    public ClaimsPrincipal Principal { get; }

    public void Deconstruct(out string userId, out ClaimsPrincipal principal) => (userId, principal) = (UserId, Principal);

    /// <summary>The user id is the token's <c>sub</c>; an application's own authentication may call it the name identifier, or just the name.</summary>
    /// <exception cref="RefusedException"><c>unauthorized</c>: there is no id, or none that the store can hold.</exception>
    public static Caller From(ClaimsPrincipal? principal)
    {
        var id = principal?.FindFirst("sub")?.Value ?? principal?.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? principal?.Identity?.Name;
        return principal is not null && id is { Length: > 0 and <= MaxUserIdLength } && StoreText.CanHold(id)
            ? new(id, principal)
            : throw new RefusedException(CollabErrorCode.Unauthorized, "The token names no usable user: 'sub' must have 1 to 256 characters.");
    }

    public static bool IsAdmin(ClaimsPrincipal user) => user.HasClaim("role", "admin") || user.IsInRole("admin");
}
