namespace Collab.AspNetCore.FanOut;

/// <summary>Ephemeral events that wait for the next tick. Of several cursor moves of one user only the last stays. The feed's lock guards it.</summary>
internal sealed class Ephemera
{
    private const int MaxOthers = 256;

    private readonly Dictionary<string, byte[]> _cursors = new(StringComparer.Ordinal);
    private readonly Queue<byte[]> _others = new();
    private readonly List<byte[]> _presence = [];

    public bool IsEmpty => _presence.Count == 0 && _cursors.Count == 0 && _others.Count == 0;

    /// <summary>Somebody came or went: not to be dropped, or a list of users would be wrong until the next join.</summary>
    public void AddPresence(byte[] json) => _presence.Add(json);

    public void AddCursor(string userId, byte[] json) => _cursors[userId] = json;

    public void Add(byte[] json)
    {
        if (_others.Count == MaxOthers) _others.Dequeue();
        _others.Enqueue(json);
    }

    public byte[][] TakePresence()
    {
        byte[][] taken = [.. _presence];
        _presence.Clear();
        return taken;
    }

    public byte[][] TakeOthers()
    {
        byte[][] taken = [.. _others, .. _cursors.Values];
        _others.Clear();
        _cursors.Clear();
        return taken;
    }
}
