using Microsoft.Extensions.Primitives;

namespace Collab.AspNetCore.Monitoring;

/// <summary>What a client calls itself in the hub's address, <c>?clientId=</c>, so that it is known when it comes back.</summary>
internal static class ClientIds
{
    public const string Parameter = "clientId";
    private const int MaxLength = 64;

    /// <summary>The id, if it is one: 1 to 64 of <c>A–Z a–z 0–9 _ -</c>, given once. Anything else is as good as none.</summary>
    public static string? Parse(StringValues given) =>
        given is [{ Length: > 0 and <= MaxLength } id] && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? id : null;
}
