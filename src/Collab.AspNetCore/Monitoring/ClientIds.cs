using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Collab.AspNetCore.Monitoring;

/// <summary>What a client calls itself in the hub's address, <c>?clientId=</c>, so that it is known when it comes back.</summary>
internal static class ClientIds
{
    public const string Parameter = "clientId";

    /// <summary>
    /// How often the client has come back, as it counts itself: <c>?reconnects=3</c>. A planned change of the connection is no return.
    /// </summary>
    public const string ReturnsParameter = "reconnects";

    private const int MaxLength = 64;
    private const int MaxReturns = 1_000_000;

    /// <summary>The id, if it is one: 1 to 64 of <c>A–Z a–z 0–9 _ -</c>, given once. Anything else is as good as none.</summary>
    public static string? Parse(StringValues given) =>
        given is [{ Length: > 0 and <= MaxLength } id] && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? id : null;

    /// <summary>The number, if it is one from 0 to a million, given once. Anything else is as good as none.</summary>
    public static int? ParseReturns(StringValues given) =>
        given is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var returns) && returns <= MaxReturns
            ? returns
            : null;
}
