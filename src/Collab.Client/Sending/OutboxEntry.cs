using Collab.Protocol;

namespace Collab.Client;

/// <summary>A send, and who waits for it.</summary>
internal sealed class OutboxEntry(PendingSend send)
{
    private readonly List<TaskCompletionSource<PublishAck>> _waiting = [];

    public PendingSend Send { get; set; } = send;

    /// <summary>Refusals for the moment, one after the other.</summary>
    public int Refusals { get; set; }

    /// <summary>Whether it was refused as <c>unauthorized</c> before.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Whether it was signed with another time than the server's before.</summary>
    public bool WasOfWrongTime { get; set; }

    public void Await(TaskCompletionSource<PublishAck> promise)
    {
        if (Send is { Status: PendingStatus.Refused, Error: { } refusal }) promise.TrySetException(refusal);
        else _waiting.Add(promise);
    }

    public void Acknowledge(PublishAck ack)
    {
        foreach (var promise in _waiting) promise.TrySetResult(ack);
        _waiting.Clear();
    }

    public void Fail(CollabException error)
    {
        foreach (var promise in _waiting) promise.TrySetException(error);
        _waiting.Clear();
    }
}
