using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>One run, many followers, and one of them stops reading, the way of a browser tab that hangs: what the others notice.</summary>
internal static class StalledScenario
{
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromMilliseconds(200);

    public static async Task<Figures> MeasureAsync(Target target)
    {
        var (crowd, _, latencies) = await FanOutWorkload.StartAsync(target);
        await using var all = crowd;
        var (rate, p99, memory) = await LookAsync();
        crowd.Followers[^1].Pause();
        var (rateThen, p99Then, memoryThen) = await LookAsync();
        // The kernel's buffers take some megabytes before the server notices anything.
        await Task.Delay(WarmUp);
        return new()
        {
            ["deliveries/s before"] = rate,
            ["deliveries/s then"] = rateThen,
            ["p99 ms before"] = p99,
            ["p99 ms then"] = p99Then,
            ["p99 then : before"] = p99Then / p99,
            ["server MB before"] = memory,
            ["server MB then, at most"] = memoryThen,
            ["the stalled one was cut off"] = crowd.Followers[^1].WasCutOff() ? 1 : 0,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };

        async Task<(double Rate, double P99, double Memory)> LookAsync()
        {
            latencies.Clear();
            var (before, most, meter) = (crowd.Received, 0.0, Meter.Start(target));
            for (var passed = TimeSpan.Zero; passed < Measured; passed += MemoryEvery)
            {
                await Task.Delay(MemoryEvery);
                most = Math.Max(most, ProcessUse.ResidentKib(target.ServerId) / 1024);
            }
            return ((crowd.Received - before) / meter.Stop().Seconds, latencies.Quantile(0.99), most);
        }
    }
}
