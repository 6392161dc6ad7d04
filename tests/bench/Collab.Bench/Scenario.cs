using Collab.Bench.Load;

namespace Collab.Bench;

/// <summary>One thing that is measured, and the servers that can do it.</summary>
internal abstract record Scenario(string Name, string Description, IReadOnlyList<string> Servers)
{
    public abstract IAsyncEnumerable<Measurement> MeasureAsync(IReadOnlyList<string> servers);
}

/// <summary>One server after the other, alone on the machine.</summary>
internal sealed record OneByOne(string Name, string Description, IReadOnlyList<string> Servers, Func<Target, Task<Figures>> Measure)
    : Scenario(Name, Description, Servers)
{
    public override async IAsyncEnumerable<Measurement> MeasureAsync(IReadOnlyList<string> servers)
    {
        foreach (var name in servers)
        {
            await using var started = new Servers();
            yield return new(this, name, await Measure(await started.StartAsync(name)));
        }
    }
}

/// <summary>
/// All servers at once, of which one works while the others rest, for a few seconds at a time. What the machine does to a measurement in one minute and not
/// in the next is more than what most changes do; so it hits all servers alike.
/// </summary>
internal sealed record ByTurns(string Name, string Description, IReadOnlyList<string> Servers, Func<Target, Task<Workload>> Prepare)
    : Scenario(Name, Description, Servers)
{
    private const int Turns = 8;

    public override async IAsyncEnumerable<Measurement> MeasureAsync(IReadOnlyList<string> servers)
    {
        await using var started = new Servers();
        var workloads = new List<Workload>();
        try
        {
            foreach (var name in servers) workloads.Add(await Prepare(await started.StartAsync(name)));
            for (var turn = 0; turn < Turns; turn++)
            {
                // Whoever comes second finds the machine as the first has left it.
                foreach (var workload in turn % 2 == 0 ? workloads : workloads.AsEnumerable().Reverse()) await workload.TakeTurnAsync();
            }
            foreach (var (name, workload) in servers.Zip(workloads)) yield return new(this, name, workload.Figures);
        }
        finally
        {
            foreach (var workload in workloads) await workload.DisposeAsync();
        }
    }
}
