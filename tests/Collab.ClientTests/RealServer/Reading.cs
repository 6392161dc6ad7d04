using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>Reads a run to its end, and keeps what it read.</summary>
internal sealed class Reading
{
    private readonly Task _ended;

    public Reading(RunConnection run) => _ended = ReadAsync(run);

    public Arrivals<CollaborationEvent> Events { get; } = new();

    public CollaborationEvent[] Critical => [.. Events.All.Where(e => e.SequenceNumber is not null)];

    /// <summary>Completes when the connection was disposed.</summary>
    public Task EndAsync() => _ended.WaitAsync(Patience.Default);

    public Task WaitForAsync(long sequence) => Events.WaitForAsync(events => events.Count > 0 && events.Any(e => e.SequenceNumber >= sequence), Patience.Process);

    /// <summary>Each event was read once, in order, none is missing, and each acknowledged one is where the acknowledgement says.</summary>
    public void AssertHolds(IReadOnlyCollection<PublishAck> acknowledged)
    {
        var critical = Critical;
        Assert.Equal(Enumerable.Range(1, critical.Length).Select(i => (long?)i), critical.Select(e => e.SequenceNumber));
        Assert.Equal(acknowledged.Count, critical.Length);
        Assert.All(acknowledged, ack => Assert.Equal(ack.MessageId, critical[(int)ack.SequenceNumber!.Value - 1].MessageId));
    }

    private async Task ReadAsync(RunConnection run)
    {
        await foreach (var e in run.ReadEventsAsync()) Events.Add(e);
    }
}
