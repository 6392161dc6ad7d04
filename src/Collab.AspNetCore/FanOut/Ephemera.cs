using System.Runtime.InteropServices;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Ephemeral events that wait for the next tick. Of several cursor moves of one user only the last stays, and of comings and goings the
/// first two and the last. The feed's lock guards it.
/// </summary>
internal sealed class Ephemera
{
    private const int MaxOthers = 256;

    /// <summary>
    /// More of one user's comings and goings within a tick are no news, but could flood who follows: they are never skipped.
    /// </summary>
    private const int MaxChanges = 4;

    private readonly Dictionary<string, byte[]> _cursors = new(StringComparer.Ordinal);
    private readonly Queue<byte[]> _others = new();
    private readonly List<(string UserId, byte[] Json)> _presence = [];
    private readonly Dictionary<string, int> _changes = new(StringComparer.Ordinal);

    public bool IsEmpty => _presence.Count == 0 && _cursors.Count == 0 && _others.Count == 0;

    /// <summary>A user came or went: not to be dropped, or a list of users would be wrong until the next join.</summary>
    public void AddPresence(string userId, byte[] json)
    {
        _presence.Add((userId, json));
        var changes = CollectionsMarshal.GetValueRefOrAddDefault(_changes, userId, out _) += 1;
        if (changes <= MaxChanges) return;
        // The third and the fourth undo each other, so that the number of users in the others stays right.
        for (var i = 0; i < 2; i++) _presence.RemoveAt(_presence.FindIndex(ThirdOf(userId)));
        _changes[userId] -= 2;
    }

    public void AddCursor(string userId, byte[] json) => _cursors[userId] = json;

    /// <summary>The user has gone: a move that came after that would bring the cursor back.</summary>
    public void RemoveCursor(string userId) => _cursors.Remove(userId);

    public void Add(byte[] json)
    {
        if (_others.Count == MaxOthers) _others.Dequeue();
        _others.Enqueue(json);
    }

    /// <summary>Takes the comings and goings.</summary>
    /// <param name="users">Whose they are, one for one.</param>
    public byte[][] TakePresence(out string[] users)
    {
        byte[][] taken = [.. _presence.Select(change => change.Json)];
        users = [.. _presence.Select(change => change.UserId)];
        _presence.Clear();
        _changes.Clear();
        return taken;
    }

    public byte[][] TakeOthers()
    {
        byte[][] taken = [.. _others, .. _cursors.Values];
        _others.Clear();
        _cursors.Clear();
        return taken;
    }

    private static Predicate<(string UserId, byte[] Json)> ThirdOf(string userId)
    {
        var seen = 0;
        return change => change.UserId == userId && ++seen == 3;
    }
}
