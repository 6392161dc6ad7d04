namespace Collab.Bench.Load;

/// <summary>The same publishers on few runs and on many, on one server: what an event costs here and there.</summary>
internal sealed class ManyRunsWorkload(Target target, Workload few, Workload many) : Workload(target)
{
    private const string Server = "server CPU us per publish";
    private const string Database = "database CPU us per publish";

    public override Figures Figures
    {
        get
        {
            var (here, there) = (few.Figures, many.Figures);
            return new()
            {
                ["server CPU us per publish, 64 runs"] = here[Server],
                ["server CPU us per publish, 10,000 runs"] = there[Server],
                ["database CPU us per publish, 64 runs"] = here[Database],
                ["database CPU us per publish, 10,000 runs"] = there[Database],
                ["CPU of both, 10,000 : 64 runs"] = (there[Server] + there[Database]) / (here[Server] + here[Database]),
                ["publishes/s, 64 runs"] = here["publishes/s"],
                ["publishes/s, 10,000 runs"] = there["publishes/s"],
                ["refused"] = here["refused"] + there["refused"],
            };
        }
    }

    public static async Task<Workload> PrepareAsync(Target target) => new ManyRunsWorkload(
        target, await PublishWorkload.PrepareAsync(target), await PublishWorkload.PrepareAsync(target, spread: 10_000));

    public override async ValueTask DisposeAsync()
    {
        await few.DisposeAsync();
        await many.DisposeAsync();
    }

    protected override async Task WorkAsync()
    {
        await few.TakeTurnAsync();
        await many.TakeTurnAsync();
    }
}
