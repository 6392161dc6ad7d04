using System.Collections.Concurrent;

namespace Collab.Cli.Load;

/// <summary>What all clients of a load count together.</summary>
internal sealed class Figures
{
    private long _published;
    private long _acknowledged;
    private long _delivered;
    private long _rateLimited;

    public long Published => Interlocked.Read(ref _published);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>How often a publish was answered <c>rate_limited</c>, and tried again.</summary>
    public long RateLimited => Interlocked.Read(ref _rateLimited);

    /// <summary>Publishes that were refused for good, by code; <c>unanswered</c> for those that nobody knows the fate of.</summary>
    public ConcurrentDictionary<string, long> Refused { get; } = new();

    /// <summary>From a publish to its acknowledgement.</summary>
    public Latencies ToAcknowledgement { get; } = new();

    /// <summary>From a publish to its delivery, to each client.</summary>
    public Latencies ToDelivery { get; } = new();

    public void Publish() => Interlocked.Increment(ref _published);

    public void HoldBack() => Interlocked.Increment(ref _rateLimited);

    public void Refuse(string code) => Refused.AddOrUpdate(code, 1, (_, count) => count + 1);

    public void Acknowledge(TimeSpan after)
    {
        Interlocked.Increment(ref _acknowledged);
        ToAcknowledgement.Add(after);
    }

    public void Deliver(TimeSpan after)
    {
        Interlocked.Increment(ref _delivered);
        ToDelivery.Add(after);
    }
}
