namespace Collab.AspNetCore.Refusals;

/// <summary>Run ids and positions as clients send them.</summary>
internal static class RunIds
{
    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public static Guid Parse(string? text) => Guid.TryParseExact(text, "D", out var id)
        ? id
        : throw RefusedException.Invalid("runId must be a UUID such as 550e8400-e29b-41d4-a716-446655440000.");

    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public static long ParsePosition(long? afterSequence) => afterSequence is null or >= 0
        ? afterSequence ?? 0
        : throw RefusedException.Invalid("afterSequence must be 0 or more, or null.");
}
