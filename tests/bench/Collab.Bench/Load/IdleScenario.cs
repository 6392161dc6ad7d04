namespace Collab.Bench.Load;

/// <summary>Connections that do nothing.</summary>
internal static class IdleScenario
{
    /// <summary>Connections that have joined and then do nothing.</summary>
    public static async Task<Figures> IdleAsync(Target target, int connections = 5000)
    {
        // What the first connections bring about once, compiled code and pools, is not a connection's memory.
        await using (await Crowd.GatherAsync(target, [.. Enumerable.Range(0, 500).Select(_ => Guid.NewGuid())], bufferSize: 1024)) await Task.Delay(1000);
        var before = await SettleAsync(target);
        var runs = Enumerable.Range(0, connections / 5).Select(_ => Guid.NewGuid()).ToArray();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Range(0, connections).Select(i => runs[i % runs.Length])], bufferSize: 1024);
        var after = await SettleAsync(target);
        return new()
        {
            ["connections"] = connections,
            ["server KB per connection"] = (after - before) / connections,
        };
    }

    /// <summary>The server's memory once it has calmed down: the least of some seconds, after garbage collections where it can be told to.</summary>
    private static async Task<double> SettleAsync(Target target)
    {
        var least = double.MaxValue;
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(500);
            if (target.IsDotNet) await GarbageCollection.ForceAsync(target.ServerId);
            least = Math.Min(least, ProcessUse.ResidentKib(target.ServerId));
        }
        return least;
    }
}
