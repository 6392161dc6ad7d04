using System.Collections.Concurrent;

namespace Collab.Cli.Load;

/// <summary>One run under load, and what was published to it: what each of its clients must see.</summary>
internal sealed class LoadRun(Guid id)
{
    private readonly ConcurrentDictionary<Guid, Sent> _sent = new();
    private int _count;

    public Guid Id => id;

    /// <summary>The events that were acknowledged.</summary>
    public Marks Acknowledged { get; } = new();

    /// <summary>An event that is about to be published.</summary>
    public Sent Add(Guid messageId, long now) => _sent[messageId] = new(Interlocked.Increment(ref _count) - 1, now);

    /// <summary>An event of this load; null for another one's.</summary>
    public Sent? Find(Guid messageId) => _sent.TryGetValue(messageId, out var sent) ? sent : null;
}

/// <summary>An event of the load.</summary>
/// <param name="Index">Its place in the order in which the run's clients published.</param>
/// <param name="At">When, a timestamp.</param>
internal readonly record struct Sent(int Index, long At);
