using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Where a hub connection's events enter the strand. SignalR's client reads on and buffers without a bound while its handlers are busy
/// (dotnet/aspnetcore #44943), so the handler never waits: it counts what has not had its turn yet, and past a bound gives the connection
/// up. The next one asks for what is missing.
/// </summary>
internal sealed class Intake(
    Guid runId, Strand strand, Action<CollaborationEvent[]> receive, Action<StateFingerprint> told, Action<Exception> overflow)
{
    /// <summary>Events that may wait for their turn, and as many for the answer to a join.</summary>
    public const int Max = 10_000;

    private int _waiting;
    private volatile bool _isClosed;

    /// <summary>Takes what came. From any thread.</summary>
    public void Take(Guid of, CollaborationEvent[] events)
    {
        if (_isClosed || of != runId) return;
        if (Interlocked.Add(ref _waiting, events.Length) > Max)
        {
            Close();
            strand.Post(() => overflow(new NoAnswerException("Events came faster than they could be taken in.")));
            return;
        }
        strand.Post(() =>
        {
            Interlocked.Add(ref _waiting, -events.Length);
            if (!_isClosed) receive(events);
        });
    }

    /// <summary>Takes what the state comes to, in its place among the events. From any thread.</summary>
    public void Take(Guid of, StateFingerprint fingerprint)
    {
        if (_isClosed || of != runId) return;
        strand.Post(() =>
        {
            if (!_isClosed) told(fingerprint);
        });
    }

    /// <summary>Takes nothing any more.</summary>
    public void Close() => _isClosed = true;
}
