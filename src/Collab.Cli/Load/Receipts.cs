using Collab.Protocol;

namespace Collab.Cli.Load;

/// <summary>What one client of a run received, and whether that is each event once and in order.</summary>
internal sealed class Receipts(LoadRun run)
{
    private readonly Marks _seen = new();
    private long _last;
    private long _outOfOrder;
    private long _repeated;

    /// <summary>Events whose number is not the next one, though it is not the first either.</summary>
    public long OutOfOrder => Interlocked.Read(ref _outOfOrder);

    /// <summary>Events of the load that came before already.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>Events that were acknowledged to their publisher and did not come.</summary>
    public long Missing => run.Acknowledged.CountWithout(_seen);

    /// <summary>Takes an event.</summary>
    /// <returns>What is known of it, if it is one of the load that comes for the first time.</returns>
    public Sent? Take(CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence) return null;
        if (_last > 0 && sequence != _last + 1) Interlocked.Increment(ref _outOfOrder);
        _last = sequence;
        if (run.Find(e.MessageId) is not { } sent) return null;
        if (_seen.Add(sent.Index)) return sent;
        Interlocked.Increment(ref _repeated);
        return null;
    }
}
