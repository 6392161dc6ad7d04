using System.Security.Claims;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Access;

/// <summary>Who is calling, by hub or HTTP.</summary>
internal sealed class Caller
{
    private const int MaxUserIdLength = 256;
    private const int MaxNameLength = 128;

    /// <summary>The claim that says what a user is.</summary>
    public const string KindClaim = "kind";

    /// <summary>Its value for an agent; any other, and none, is a person's.</summary>
    public const string AgentKind = "agent";

    private Caller(string userId, string? userName, ClaimsPrincipal principal)
    {
        (UserId, UserName, Principal) = (userId, userName, principal);
        Kind = principal.HasClaim(KindClaim, AgentKind) ? ParticipantKind.Agent : ParticipantKind.Person;
    }

    public string UserId { get; }

    /// <summary>What to call the user; null if there is no name but the id.</summary>
    public string? UserName { get; }

    /// <summary>A person or an agent.</summary>
    public ParticipantKind Kind { get; }

    public ClaimsPrincipal Principal { get; }

    public void Deconstruct(out string userId, out ClaimsPrincipal principal) => (userId, principal) = (UserId, Principal);

    /// <summary>
    /// The user id is the token's <c>sub</c>; an application's own authentication may call it the name identifier, or just the name.
    /// </summary>
    /// <param name="principal">Who was authenticated.</param>
    /// <param name="nameClaim">The claim with the display name; null: it is not needed.</param>
    /// <exception cref="RefusedException"><c>unauthorized</c>: there is no id, or none that the store can hold.</exception>
    public static Caller From(ClaimsPrincipal? principal, string? nameClaim = null)
    {
        var id = principal?.FindFirst("sub")?.Value ?? principal?.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? principal?.Identity?.Name;
        return principal is not null && id is not null && IsUserId(id)
            ? new(id, NameOf(principal, id, nameClaim), principal)
            : throw new RefusedException(
                CollabErrorCode.Unauthorized, "The token names no usable user: 'sub' must have 1 to 256 characters.");
    }

    /// <summary>Whether an event can be by a user with this id, from wherever it comes.</summary>
    public static bool IsUserId(string id) => id.Length is > 0 and <= MaxUserIdLength && StoreText.CanHold(id);

    /// <summary>Whether a user can have this name. What a token says is cut instead.</summary>
    public static bool IsUserName(string name) => name.Length <= MaxNameLength && CanBeShown(name);

    /// <summary>A name is text that a user has chosen: not too long, and nothing that could not be stored or seen.</summary>
    private static string? NameOf(ClaimsPrincipal principal, string id, string? claim)
    {
        if (claim is null) return null;
        var name = (principal.FindFirst(claim)?.Value ?? (claim == "name" ? principal.FindFirst(ClaimTypes.Name)?.Value : null))?.Trim();
        if (string.IsNullOrEmpty(name) || name == id || !CanBeShown(name)) return null;
        return StoreText.Cut(name, MaxNameLength);
    }

    private static bool CanBeShown(string name) => StoreText.CanHold(name) && !name.Any(char.IsControl);

    public static bool IsAdmin(ClaimsPrincipal user) => user.HasClaim("role", "admin") || user.IsInRole("admin");
}
