using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>Many runs, publishers with a window, nobody follows.</summary>
internal sealed class PublishWorkload : Workload
{
    private readonly Crowd _crowd;
    private readonly IReadOnlyList<Publisher> _publishers;
    private readonly long _before;

    private PublishWorkload(Target target, Crowd crowd, IReadOnlyList<Publisher> publishers) : base(target) =>
        (_crowd, _publishers, _before) = (crowd, publishers, crowd.Acknowledged);

    public override Figures Figures => new()
    {
        ["publishes/s"] = Acknowledged / Cost.Seconds,
        ["server CPU us per publish"] = Cost.Server / Acknowledged * 1e6,
        ["database CPU us per publish"] = Cost.Database / Acknowledged * 1e6,
        ["generator CPU cores"] = Cost.Generator / Cost.Seconds,
        ["refused"] = _crowd.Refused,
    };

    private long Acknowledged => _crowd.Acknowledged - _before;

    /// <param name="spread">Each publisher goes round its share of so many runs; 0: it has one.</param>
    public static async Task<Workload> PrepareAsync(Target target, int publishers = 64, int window = 16, int spread = 0)
    {
        var crowd = await Crowd.GatherAsync(target, []);
        var ready = await crowd.PublishAsync([.. Enumerable.Range(0, publishers).Select(_ => Guid.NewGuid())], window, spread);
        await Task.Delay(WarmUp);
        await Publisher.PauseAsync(ready);
        return new PublishWorkload(target, crowd, ready);
    }

    public override ValueTask DisposeAsync() => _crowd.DisposeAsync();

    protected override Task WorkAsync() => Publisher.WorkAsync(_publishers, Turn);
}
