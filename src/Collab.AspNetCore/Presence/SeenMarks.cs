namespace Collab.AspNetCore.Presence;

/// <summary>Up to which number a user has applied a run.</summary>
internal readonly record struct SeenMark(string UserId, long Seen);

/// <summary>
/// The marks of those who are in a run, in the order in which they moved, so that who asks again is told what has moved since, whatever
/// the others' number. A mark only rises: of several tabs the furthest counts. The feed's lock guards it.
/// </summary>
internal sealed class SeenMarks
{
    private readonly LinkedList<Moved> _moves = new();
    private readonly Dictionary<string, LinkedListNode<Moved>> _byUser = new(StringComparer.Ordinal);

    /// <summary>Whose mark this server's clients have moved since <see cref="TakeUntold"/>.</summary>
    private readonly HashSet<string> _untold = new(StringComparer.Ordinal);

    /// <summary>How many moves there have been.</summary>
    public long Moves { get; private set; }

    public long? Of(string userId) => _byUser.TryGetValue(userId, out var node) ? node.Value.Seen : null;

    /// <summary>Moves a user's mark, if that is forward.</summary>
    /// <param name="userId">One who is there.</param>
    /// <param name="seen">The number.</param>
    /// <param name="isOwn">Whether this server is the one that heard it, and tells the others.</param>
    public void Raise(string userId, long seen, bool isOwn)
    {
        if (!_byUser.TryGetValue(userId, out var node)) _byUser.Add(userId, node = new(default));
        else if (seen <= node.Value.Seen) return;
        else _moves.Remove(node);
        node.Value = new(userId, seen, ++Moves);
        _moves.AddLast(node);
        if (isOwn) _untold.Add(userId);
    }

    /// <summary>Others are told a user's mark with the next ones that have moved.</summary>
    public void TellAgain(string userId)
    {
        if (_byUser.ContainsKey(userId)) _untold.Add(userId);
    }

    /// <summary>The user has left, and the mark with them.</summary>
    public void Remove(string userId)
    {
        if (!_byUser.Remove(userId, out var node)) return;
        _moves.Remove(node);
        _untold.Remove(userId);
    }

    /// <summary>The marks that have moved after a number of moves, those that moved longest ago first.</summary>
    /// <param name="told">That number; afterwards the one to ask with the next time.</param>
    /// <param name="most">At most so many; the others are for the next time.</param>
    public IReadOnlyList<SeenMark> Since(ref long told, int most)
    {
        var first = _moves.Last;
        if (first is null || first.Value.Move <= told) return [];
        while (first.Previous is { } before && before.Value.Move > told) first = before;
        var marks = new List<SeenMark>();
        for (var node = first; node is not null && marks.Count < most; node = node.Next)
        {
            marks.Add(new(node.Value.UserId, node.Value.Seen));
            told = node.Value.Move;
        }
        return marks;
    }

    /// <summary>The marks that this server's clients have moved since the last time.</summary>
    public IReadOnlyList<SeenMark> TakeUntold()
    {
        if (_untold.Count == 0) return [];
        SeenMark[] marks = [.. _untold.Select(userId => new SeenMark(userId, _byUser[userId].Value.Seen))];
        _untold.Clear();
        return marks;
    }

    private readonly record struct Moved(string UserId, long Seen, long Move);
}
