using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>
/// What monitoring costs. The difference is smaller than what the machine does to two measurements a minute apart, so both servers run at once and take turns,
/// and each turn is compared with the one beside it.
/// </summary>
internal static class MonitoringScenario
{
    private const int Turns = 8;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public static async Task<Figures> CompareAsync(Target monitored, Servers servers)
    {
        var plain = await servers.StartAsync("collab-unmonitored");
        var figures = new Figures();
        await CompareAsync("publish", runs: 64, followers: 0, window: 16, c => c.Acknowledged);
        await CompareAsync("delivery", runs: 4, followers: 100, window: 32, c => c.Received);
        return figures;

        async Task CompareAsync(string unit, int runs, int followers, int window, Func<Crowd, long> count)
        {
            await using var with = await Side.StartAsync(monitored, runs, followers, window, count);
            await using var without = await Side.StartAsync(plain, runs, followers, window, count);
            var (on, off) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < Turns; turn++)
            {
                // Whoever comes second finds the machine as the first has left it.
                if (turn % 2 == 0) on.Add(await with.CpuPerUnitAsync());
                off.Add(await without.CpuPerUnitAsync());
                if (turn % 2 != 0) on.Add(await with.CpuPerUnitAsync());
            }
            figures[$"server CPU us per {unit}, monitored"] = Median.Of(on);
            figures[$"server CPU us per {unit}, not monitored"] = Median.Of(off);
            figures[$"monitored : not, per {unit}, median of {Turns} pairs"] = Median.Of(on.Zip(off, (a, b) => a / b));
        }
    }

    /// <summary>One of the two servers, with clients that rest unless it is its turn.</summary>
    private sealed class Side(Target target, Crowd crowd, IReadOnlyList<Publisher> publishers, Func<Crowd, long> count) : IAsyncDisposable
    {
        /// <summary>With followers the publishers share one run, else each has its own.</summary>
        public static async Task<Side> StartAsync(Target target, int publishers, int followers, int window, Func<Crowd, long> count)
        {
            var run = Guid.NewGuid();
            var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)]);
            var side = new Side(target, crowd, await crowd.PublishAsync([.. Enumerable.Range(0, publishers).Select(_ => followers > 0 ? run : Guid.NewGuid())], window), count);
            await Task.Delay(WarmUp);
            await side.RestAsync();
            return side;
        }

        public async Task<double> CpuPerUnitAsync()
        {
            var (before, meter) = (count(crowd), Meter.Start(target));
            foreach (var publisher in publishers) publisher.Resume();
            await Task.Delay(Turn);
            await RestAsync();
            return meter.Stop().Server / (count(crowd) - before) * 1e6;
        }

        public ValueTask DisposeAsync() => crowd.DisposeAsync();

        private Task RestAsync() => Task.WhenAll(publishers.Select(p => p.PauseAsync()));
    }
}
