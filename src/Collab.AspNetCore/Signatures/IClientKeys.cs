using System.Security.Claims;

namespace Collab.AspNetCore;

/// <summary>
/// Knows with which keys the clients of a user sign what they publish. By default they are made of <c>Collab:Signing:Clients:Secret</c>; an
/// application that keeps keys of its own replaces that by <see cref="CollabBuilder.UseClientKeys{T}"/>. A user whose token names an
/// Ed25519 key (claim <c>cnf</c>) is not asked for: that key counts and no other. One instance for all, used by many at once.
/// </summary>
public interface IClientKeys
{
    /// <summary>
    /// The keys of a user, asked for each signed publish. What takes time holds up the publishes of the same connection to the same run,
    /// and no others.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="user">That user as authenticated.</param>
    /// <returns>
    /// The keys that count now, several while one replaces another; none: nothing that the user signs is taken. If it throws, that is
    /// logged, and the publish refused as <c>unavailable</c>, which clients try again.
    /// </returns>
    ValueTask<IReadOnlyList<ClientKey>> GetAsync(string userId, ClaimsPrincipal user);
}
