namespace Collab.AspNetCore;

/// <summary>What a <see cref="TimeProvider"/> lacks for deadlines on the monotonic clock.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>A span in the units of <see cref="TimeProvider.GetTimestamp"/>: what to add for a timestamp that much later.</summary>
    public static long TicksOf(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
