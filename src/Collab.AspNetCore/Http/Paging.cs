using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Http;

/// <summary>Which part of a list is asked for.</summary>
internal static class Paging
{
    /// <exception cref="RefusedException"><c>invalid_event</c>: fewer than 1, or more than there may be.</exception>
    public static int Limit(int? limit, int usual, int most) => limit is < 1 || limit > most
        ? throw RefusedException.Invalid($"limit must be from 1 to {most}.")
        : limit ?? usual;

    /// <exception cref="RefusedException"><c>invalid_event</c>: fewer than 0.</exception>
    public static int Offset(int? offset) => offset is < 0 ? throw RefusedException.Invalid("offset must be 0 or more.") : offset ?? 0;
}
