using System.Collections.Concurrent;
using Collab.Hostile.Inputs;

namespace Collab.Hostile.Kinds;

/// <summary>One sort of input, and where it goes. Each input is made of the seed and its index alone, so that it can be made again.</summary>
internal abstract class Kind : IAsyncDisposable
{
    private const int MostFindings = 20;

    private readonly ConcurrentQueue<Finding> _findings = new();

    public abstract string Name { get; }

    /// <summary>How many tries go on beside each other.</summary>
    protected virtual int Workers => 1;

    /// <summary>How many inputs a worker takes at a time.</summary>
    protected virtual int BatchSize => 200;

    protected int Seed { get; private set; }

    public virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>Tries inputs.</summary>
    /// <returns>What must not have come of them.</returns>
    public async Task<IReadOnlyList<Finding>> RunAsync(int seed, long from, long count)
    {
        Seed = seed;
        var next = from;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            while (_findings.Count < MostFindings)
            {
                var first = Interlocked.Add(ref next, BatchSize) - BatchSize;
                if (first >= from + count) return;
                await TryAsync(first, (int)Math.Min(BatchSize, from + count - first));
            }
        })));
        foreach (var trouble in await EndAsync()) Found(-1, trouble);
        return [.. _findings];
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Tries some inputs, one after the other.</summary>
    protected abstract Task TryAsync(long first, int count);

    /// <summary>Looks at what is left when all were tried.</summary>
    protected virtual Task<IReadOnlyList<string>> EndAsync() => Task.FromResult<IReadOnlyList<string>>([]);

    protected Mutator MutatorOf(long index) => new(unchecked((((StableHash(Name) * 31) + Seed) * 1_000_003) + (int)index) & int.MaxValue);

    protected void Found(long index, string? what)
    {
        if (what is not null && _findings.Count < MostFindings) _findings.Enqueue(new(Name, Seed, index, Rules.Short(what)));
    }

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
