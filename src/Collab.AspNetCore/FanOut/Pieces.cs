namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Kept events as frames outside of the chain, for subscribers with a backlog. All who are sent the same piece at a time share it; it is
/// gone with the last. The feed's lock guards it.
/// </summary>
internal sealed class Pieces(Guid runId)
{
    /// <summary>About how large a piece is, in bytes of events.</summary>
    public const int Bytes = 64 * 1024;

    private const int MaxRemembered = 256;

    private readonly Dictionary<long, WeakReference<Frame>> _byFirst = [];

    /// <summary>The piece that begins after a position.</summary>
    /// <param name="after">The position; the event after it is in the tail.</param>
    /// <param name="upTo">The last event that may be in the piece.</param>
    /// <param name="tail">The kept events.</param>
    public Frame After(long after, long upTo, Tail tail)
    {
        if (_byFirst.TryGetValue(after + 1, out var known) && known.TryGetTarget(out var shared)) return shared;
        var events = tail.After(after, upTo, Bytes);
        var piece = Frame.Apart(runId, events, ephemeral: []);
        // Of those that more will be added to there is no end, and few share them.
        if (events[^1].Sequence < upTo) Remember(after + 1, piece);
        return piece;
    }

    private void Remember(long first, Frame piece)
    {
        if (_byFirst.Count >= MaxRemembered)
        {
            foreach (var (key, known) in _byFirst)
            {
                if (!known.TryGetTarget(out _)) _byFirst.Remove(key);
            }
            if (_byFirst.Count >= MaxRemembered) _byFirst.Clear();
        }
        _byFirst[first] = new(piece);
    }
}
