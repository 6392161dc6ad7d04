using Collab.Bench.Load;

namespace Collab.Bench.Cluster;

/// <summary>A pair with its clients, warmed up, at rest until it is its turn.</summary>
internal abstract class PairWorkload(Pair pair, Crowd atOne, Crowd atTwo) : IAsyncDisposable
{
    /// <summary>Short, so that what the machine does meanwhile hits all alike.</summary>
    protected static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public string Name => pair.Name;

    /// <summary>What all turns so far have shown.</summary>
    public abstract Figures Figures { get; }

    protected PairCost Cost { get; private set; } = PairCost.None;

    protected long Received => atOne.Received + atTwo.Received;

    protected long Acknowledged => atOne.Acknowledged + atTwo.Acknowledged - atOne.Refused - atTwo.Refused;

    protected long Inversions => atOne.Inversions + atTwo.Inversions;

    /// <summary>Followers whose connection the server has ended.</summary>
    protected int CutOff => atOne.Followers.Concat(atTwo.Followers).Count(follower => follower.HasEnded);

    protected long Gaps => atOne.Gaps + atTwo.Gaps;

    public async Task TakeTurnAsync()
    {
        var meter = pair.Measure();
        await WorkAsync();
        Cost += meter.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        await atOne.DisposeAsync();
        await atTwo.DisposeAsync();
    }

    /// <summary>Works for a turn, and leaves nothing under way that was not acknowledged.</summary>
    protected abstract Task WorkAsync();

    /// <summary>One publisher after the other, at a steady rate.</summary>
    public static async Task PublishAsync(IReadOnlyList<Publisher> publishers, int perSecond, TimeSpan duration)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        for (var i = 0; i < perSecond * duration.TotalSeconds; i++)
        {
            await timer.WaitForNextTickAsync();
            publishers[i % publishers.Count].Send(1);
        }
    }
}
