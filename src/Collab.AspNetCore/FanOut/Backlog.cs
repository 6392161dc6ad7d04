namespace Collab.AspNetCore.FanOut;

/// <summary>
/// What a subscriber that has joined is still to be sent before it has a place in the chain of frames: the kept events that its answer had
/// no room for, piece by piece as it takes them. Meanwhile it holds no frame in memory, however long that lasts. The feed's lock guards it.
/// </summary>
/// <param name="sent">The last event that was handed over.</param>
internal sealed class Backlog(long sent)
{
    private readonly Queue<Frame> _presence = new();

    /// <summary>The last event that was handed over.</summary>
    public long Sent { get; set; } = sent;

    /// <summary>How much waits beside the kept events, in bytes.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>Cursor moves have gone by.</summary>
    public bool HasSkipped { get; private set; }

    /// <summary>Whether there is something that waits beside the kept events.</summary>
    public bool IsEmpty => _presence.Count == 0;

    /// <summary>A frame goes by. Its critical events are kept ones, but who comes and goes is told nowhere else.</summary>
    public void Pass(Frame frame)
    {
        if (frame.Ephemeral.Length == 0) return;
        if (frame.CanBeSkipped)
        {
            HasSkipped = true;
            return;
        }
        _presence.Enqueue(frame);
        WaitingBytes += frame.Length;
    }

    public Frame? TakePresence()
    {
        if (!_presence.TryDequeue(out var frame)) return null;
        WaitingBytes -= frame.Length;
        return frame;
    }
}
