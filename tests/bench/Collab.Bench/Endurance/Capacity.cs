using Collab.Bench.Load;

namespace Collab.Bench.Endurance;

/// <summary>How many publishes a second a server acknowledges when its publishers send as fast as they are answered.</summary>
internal static class Capacity
{
    /// <summary>Warms it up, measures it, and leaves.</summary>
    public static async Task<double> MeasureAsync(Target target, TimeSpan duration)
    {
        await using var workload = await PublishWorkload.PrepareAsync(target);
        for (var turns = 0; turns * 3 < duration.TotalSeconds; turns++) await workload.TakeTurnAsync();
        return workload.Figures["publishes/s"];
    }
}
