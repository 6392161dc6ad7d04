namespace Collab.Bench.Load;

/// <summary>A server and its clients, warmed up, at rest until it is their turn.</summary>
internal abstract class Workload(Target target) : IAsyncDisposable
{
    /// <summary>Short, so that what the machine does meanwhile hits all alike.</summary>
    protected static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    /// <summary>What all turns so far have shown.</summary>
    public abstract Figures Figures { get; }

    /// <summary>What all turns so far have cost.</summary>
    protected Cost Cost { get; private set; } = new(0, 0, 0, 0);

    public async Task TakeTurnAsync()
    {
        var meter = Meter.Start(target);
        await WorkAsync();
        Cost += meter.Stop();
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Works for a turn, and leaves nothing under way.</summary>
    protected abstract Task WorkAsync();
}
