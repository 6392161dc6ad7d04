using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>One run, many followers, a few publishers with a window.</summary>
internal static class FanOutScenarios
{
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>One run, many followers, a few publishers with a window.</summary>
    public static async Task<Figures> FanOutAsync(Target target, int followers = 100, int publishers = 4, int window = 32)
    {
        var run = Guid.NewGuid();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)], latencies, followersWithLatency: 5);
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        await Task.Delay(WarmUp);
        latencies.Clear();
        var before = crowd.Received;
        var meter = Meter.Start(target);
        await Task.Delay(Measured);
        var cost = meter.Stop();
        var delivered = crowd.Received - before;
        return new()
        {
            ["deliveries/s"] = delivered / cost.Seconds,
            ["server CPU s per 100k deliveries"] = cost.Server / delivered * 100_000,
            ["database CPU s per 100k deliveries"] = cost.Database / delivered * 100_000,
            ["generator CPU cores"] = cost.Generator / cost.Seconds,
            ["events per message"] = crowd.Received / (double)Math.Max(1, crowd.Followers.Sum(f => f.Messages)),
            ["p50 ms"] = latencies.Quantile(0.5),
            ["p99 ms"] = latencies.Quantile(0.99),
            ["server MB"] = ProcessUse.ResidentKib(target.ServerId) / 1024,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };
    }

    /// <summary>The same, and then one follower stops reading, the way of a browser tab that hangs: what the others notice.</summary>
    public static async Task<Figures> StalledAsync(Target target, int followers = 100, int publishers = 4, int window = 32)
    {
        var run = Guid.NewGuid();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)], latencies, followersWithLatency: 5);
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        await Task.Delay(WarmUp);
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
