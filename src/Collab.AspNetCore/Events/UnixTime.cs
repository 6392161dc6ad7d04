namespace Collab.AspNetCore.Events;

/// <summary>Unix milliseconds outside, UTC times in the database.</summary>
internal static class UnixTime
{
    public static DateTime ToUtc(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;

    public static long ToMilliseconds(DateTime utc) =>
        new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)).ToUnixTimeMilliseconds();
}
