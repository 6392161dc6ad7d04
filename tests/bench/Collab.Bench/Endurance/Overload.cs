using System.Diagnostics;
using System.Globalization;
using Collab.Bench.Load;

namespace Collab.Bench.Endurance;

/// <summary>
/// Five times what a server can take, for a minute: what it goes on to take, how and how fast it refuses the rest, how soon it is itself
/// again, and what it keeps of it.
/// </summary>
internal static class Overload
{
    private const int Times = 5, Connections = 500, Window = 100, Runs = 64;

    private static readonly TimeSpan SoonEnough = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(TimeSpan duration)
    {
        await using var servers = new Servers();
        var target = await servers.StartAsync("collab");
        var peak = await Capacity.MeasureAsync(target, TimeSpan.FromSeconds(12));
        Say($"peak: {peak:N0} publishes/s acknowledged, 64 publishers with 16 under way each");

        Guid[] runs = [.. Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid())];
        await using (var loads = await OfferedLoads.ConnectAsync(target, Connections, Window, n => runs[n % Runs]))
        {
            await loads.OfferAsync(peak / 2, TimeSpan.FromSeconds(10));
            await loads.SettleAsync();
            var before = await RestAsync(target);
            Say($"before: {before}");

            var answers = new Answers();
            loads.Begin(answers);
            var watch = Stopwatch.StartNew();
            var offering = loads.OfferAsync(peak * Times, duration);
            var highest = 0.0;
            while (!offering.IsCompleted)
            {
                highest = Math.Max(highest, ProcessUse.ResidentKib(target.ServerId) / 1024);
                await Task.WhenAny(offering, Task.Delay(500));
            }
            var (offered, seconds, acknowledged) = (await offering, watch.Elapsed.TotalSeconds, answers.Acknowledged);
            var recovered = await RecoverAsync(target);
            await loads.SettleAsync();

            Say($"{seconds:0} s: {offered / seconds:N0} publishes/s offered by {Connections} connections, {loads.HeldBack / seconds:N0}/s of them not sent, for {Window} of their connection were under way");
            Say($"acknowledged: {acknowledged / seconds:N0}/s, {acknowledged / seconds / peak * 100:0} % of the peak; after p50 {answers.Taken.Quantile(0.5):0} ms, p99 {answers.Taken.Quantile(0.99):0} ms");
            Say($"refused: {answers.Codes}; after p50 {answers.Refused.Quantile(0.5):0.0} ms, p99 {answers.Refused.Quantile(0.99):0.0} ms, the slowest {answers.Refused.Quantile(1):0.0} ms");
            Say($"connections ended: {loads.Ended}; highest memory {highest:0} MiB");
            Say($"recovered: {recovered.TotalSeconds:0.00} s after the last offer twenty publishes in a row began that were acknowledged within {SoonEnough.TotalMilliseconds} ms each");
            Say($"after: {await RestAsync(target)}");
        }
    }

    /// <summary>How long until publishes, one after the other, are acknowledged as on a quiet server.</summary>
    private static async Task<TimeSpan> RecoverAsync(Target target)
    {
        var run = Guid.NewGuid();
        using var probe = await OfferedLoad.ConnectAsync(target, () => run, window: 1);
        var watch = Stopwatch.StartNew();
        var (begun, row) = (watch.Elapsed, 0);
        while (row < 20 && watch.Elapsed < TimeSpan.FromMinutes(1))
        {
            probe.Answers = new();
            var at = watch.Elapsed;
            probe.Offer(1);
            await probe.SettleAsync();
            if (probe.Answers.Refusals == 0 && watch.Elapsed - at < SoonEnough) row++;
            else (begun, row) = (watch.Elapsed, 0);
        }
        return begun;
    }

    /// <summary>What it holds once it has nothing to do and its garbage is collected.</summary>
    private static async Task<Vitals> RestAsync(Target target)
    {
        await Task.Delay(TimeSpan.FromSeconds(5));
        await GarbageCollection.ForceAsync(target.ServerId);
        await Task.Delay(TimeSpan.FromSeconds(2));
        return await Vitals.TakeAsync(target);
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
