using System.Globalization;
using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>One run that grows to a million events: what the last ones cost, beside the first.</summary>
internal static class GrowthScenario
{
    public static async Task<Figures> MeasureAsync(Target target, long upTo = 1_000_000, long stretch = 100_000, int publishers = 16, int window = 16)
    {
        await using (var warmUp = await Crowd.GatherAsync(target, []))
        {
            await warmUp.PublishAsync([.. Enumerable.Range(0, publishers).Select(_ => Guid.NewGuid())], window);
            await Task.Delay(WarmUp);
        }
        await using var crowd = await Crowd.GatherAsync(target, []);
        var run = Guid.NewGuid();
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        var figures = new Figures();
        foreach (var start in (long[])[2_000, upTo / 2, upTo])
        {
            await WaitUntilAsync(() => crowd.Acknowledged >= start);
            var (before, meter) = (crowd.Acknowledged, Meter.Start(target));
            await WaitUntilAsync(() => crowd.Acknowledged >= start + stretch);
            var cost = meter.Stop();
            var count = crowd.Acknowledged - before;
            var at = string.Create(CultureInfo.InvariantCulture, $"at event {start:#,0}");
            figures[$"publishes/s {at}"] = count / cost.Seconds;
            figures[$"server CPU us per publish {at}"] = cost.Server / count * 1e6;
            figures[$"database CPU us per publish {at}"] = cost.Database / count * 1e6;
        }
        return figures;
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(5);
    }
}
