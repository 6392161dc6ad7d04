using System.Diagnostics;
using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench.Endurance;

/// <summary>A server at half of what it can take, with clients that come and go and runs that begin and end, for a long time: what it holds meanwhile.</summary>
internal static class Soak
{
    private const int Publishers = 50, Window = 1000, Runs = 50, Samples = 120;

    private static readonly TimeSpan RunLasts = TimeSpan.FromSeconds(60);

    /// <returns>The exit code: 1 if something grew, or a client saw a gap.</returns>
    public static async Task<int> RunAsync(TimeSpan duration, string picture, double? perSecond)
    {
        await using var servers = new Servers();
        var target = await servers.StartAsync("collab");
        var capacity = await Capacity.MeasureAsync(target, TimeSpan.FromSeconds(12));
        var pace = perSecond ?? capacity / 2;
        Say($"capacity: {capacity:N0} publishes/s; offered: {pace:N0}");
        await Task.Delay(TimeSpan.FromSeconds(5));
        var idle = await Vitals.TakeAsync(target);

        var watch = Stopwatch.StartNew();
        var runs = new Guid[Runs];
        for (var n = 0; n < Runs; n++) runs[n] = Guid.NewGuid();
        var taken = new List<(TimeSpan At, Vitals Vitals)>();
        var answers = new Answers();
        using var end = new CancellationTokenSource();
        using var churn = new Churn(target, () => runs[Random.Shared.Next(Runs)]);
        await using (var loads = await OfferedLoads.ConnectAsync(target, Publishers, Window, n => runs[n % Runs]))
        {
            loads.Begin(answers);
            var (offering, churning) = (loads.OfferAsync(pace, duration, end.Token), churn.RunAsync(end.Token));
            var nextRun = 0;
            while (!offering.IsCompleted)
            {
                await Task.WhenAny(offering, Task.Delay(duration / Samples));
                if (offering.IsCompleted) break;
                var now = await Vitals.TakeAsync(target);
                taken.Add((watch.Elapsed, now));
                Say($"{watch.Elapsed.TotalSeconds:0} s: {now}");
                // Each run lasts a while, and another one begins in its place.
                for (; nextRun < watch.Elapsed / RunLasts * Runs; nextRun++) runs[nextRun % Runs] = Guid.NewGuid();
            }
            await end.CancelAsync();
            await churning;
            Say($"{answers.Acknowledged / watch.Elapsed.TotalSeconds:N0} publishes/s acknowledged, {answers.Acknowledged:N0} in all, p50 {answers.Taken.Quantile(0.5):0.0} ms, p99 {answers.Taken.Quantile(0.99):0.0} ms; refused: {answers.Codes}; {await offering:N0} offered, {loads.HeldBack:N0} not sent; {nextRun + Runs} runs");
            Say($"{churn.Figures}");
            await loads.SettleAsync();
        }
        await Task.Delay(TimeSpan.FromSeconds(15));
        await GarbageCollection.ForceAsync(target.ServerId);
        await Task.Delay(TimeSpan.FromSeconds(2));
        Say($"before: {idle}");
        Say($"after:  {await Vitals.TakeAsync(target)}");
        await Picture.WriteAsync(picture, taken, pace);
        Say($"{picture}");
        return IsFlat(taken) & churn.IsSound ? 0 : 1;
    }

    /// <summary>Whether the last third is like the one before it: the first third is for growing up.</summary>
    private static bool IsFlat(List<(TimeSpan At, Vitals Vitals)> taken)
    {
        var flat = true;
        foreach (var (name, of, room) in Measures)
        {
            var third = taken.Count / 3;
            var (middle, last) = (Median.Of(taken.Skip(third).Take(third).Select(t => of(t.Vitals))), Median.Of(taken.Skip(2 * third).Select(t => of(t.Vitals))));
            var grew = last > (middle * 1.1) + room;
            flat &= !grew;
            Say($"{name}: {middle:0} in the middle third, {last:0} in the last{(grew ? ": GREW" : "")}");
        }
        return flat;
    }

    public static IReadOnlyList<(string Name, Func<Vitals, double> Of, double Room)> Measures { get; } =
    [
        ("resident memory, MiB", v => v.ResidentMib, 16),
        ("heap after the last collection, MiB", v => v.HeapMib, 16),
        ("handles", v => v.Handles, 20),
        ("threads", v => v.Threads, 3),
        ("timers", v => v.Timers, 20),
        ("work items that wait", v => v.WorkItems, 20),
        ("open connections", v => v.Connections, 20),
        ("appends that wait", v => v.Queue, 100),
    ];

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
