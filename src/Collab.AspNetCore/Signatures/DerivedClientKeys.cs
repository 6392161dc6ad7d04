using System.Security.Claims;
using Collab.Protocol;

namespace Collab.AspNetCore.Signatures;

/// <summary>Each user's secrets, made of those that are configured.</summary>
internal sealed class DerivedClientKeys(IEnumerable<string> secrets) : IClientKeys
{
    private readonly string[] _secrets = [.. secrets];

    public ValueTask<IReadOnlyList<ClientKey>> GetAsync(string userId, ClaimsPrincipal user) =>
        new(Array.ConvertAll(_secrets, secret => ClientKey.Secret(ClientSecrets.For(secret, userId))));
}
