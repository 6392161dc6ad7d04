using System.Buffers;

namespace Collab.AspNetCore.Refusals;

/// <summary>Ids and positions as clients send them.</summary>
internal static class RunIds
{
    private const int Length = 36;

    private static readonly SearchValues<char> Characters = SearchValues.Create("-0123456789ABCDEFabcdef");

    /// <summary>
    /// Reads a UUID. The framework takes more for one: with blanks around it, with <c>+</c> or <c>0x</c> in place of digits.
    /// </summary>
    public static bool TryParse(string? text, out Guid id)
    {
        id = default;
        return text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(Characters) && Guid.TryParseExact(text, "D", out id);
    }

    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public static Guid Parse(string? text, string name = "runId") => TryParse(text, out var id)
        ? id
        : throw RefusedException.Invalid($"{name} must be a UUID such as 550e8400-e29b-41d4-a716-446655440000.");

    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public static long ParsePosition(long? afterSequence) => afterSequence is null or >= 0
        ? afterSequence ?? 0
        : throw RefusedException.Invalid("afterSequence must be 0 or more, or null.");
}
