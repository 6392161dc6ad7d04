using System.Collections.Immutable;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>Who is in the run, where each one's cursor is, and how far each has seen.</summary>
internal sealed class Presence
{
    /// <summary>So many agents are remembered; past it those that were told first are forgotten.</summary>
    private const int MaxAgents = 2000;

    private readonly Queue<string> _told = new();
    private ImmutableSortedSet<string> _users = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private ImmutableDictionary<string, string> _cursors = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
    private ImmutableDictionary<string, long> _seen = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private ImmutableSortedSet<string> _agents = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Sorted.</summary>
    public IReadOnlyList<string> Users => _users;

    /// <summary>The step each user's cursor is on.</summary>
    public IReadOnlyDictionary<string, string> Cursors => _cursors;

    /// <summary>Up to which number each user who is there has applied the run, of those who have said.</summary>
    public IReadOnlyDictionary<string, long> Seen => _seen;

    /// <summary>The users who are agents as far as is known, also such as have left; sorted.</summary>
    public IReadOnlyList<string> Agents => _agents;

    /// <summary>Whether the server has shown that it takes marks: one of a version before would refuse a ping that has them.</summary>
    public bool KnowsMarks { get; private set; }

    /// <param name="users">Who is there.</param>
    /// <param name="cursors">The step each one's cursor is on.</param>
    /// <param name="entries">What each is and has seen; null: the server does not know.</param>
    public void Replace(IEnumerable<string> users, IReadOnlyDictionary<string, string> cursors, IReadOnlyList<PresenceEntry>? entries)
    {
        _users = users.ToImmutableSortedSet(StringComparer.Ordinal);
        _cursors = cursors.ToImmutableDictionary(StringComparer.Ordinal);
        KnowsMarks = entries is not null;
        _seen = _seen.Clear();
        foreach (var entry in entries ?? [])
        {
            if (entry.Seen is { } seen) _seen = _seen.SetItem(entry.UserId, seen);
            SetAgent(entry.UserId, entry.Kind == ParticipantKind.Agent);
        }
    }

    /// <summary>Marks have moved. Of those who are not there any more, or not yet, nothing is kept.</summary>
    public void Mark(IReadOnlyDictionary<string, long> moved)
    {
        foreach (var (user, seen) in moved)
        {
            if (_users.Contains(user)) _seen = _seen.SetItem(user, Math.Max(seen, _seen.GetValueOrDefault(user)));
        }
    }

    public void Apply(CollaborationEvent e)
    {
        switch (e.EventType)
        {
            case EventTypes.UserJoin:
                _users = _users.Add(e.UserId);
                SetAgent(e.UserId, e.Data.Text("kind") == "agent");
                break;
            case EventTypes.UserLeave:
                _users = _users.Remove(e.UserId);
                _cursors = _cursors.Remove(e.UserId);
                _seen = _seen.Remove(e.UserId);
                break;
            case EventTypes.CursorMove:
                _cursors = e.Data.Text("nodeId") is { } node ? _cursors.SetItem(e.UserId, node) : _cursors.Remove(e.UserId);
                break;
        }
    }

    private void SetAgent(string userId, bool isAgent)
    {
        if (_agents.Contains(userId) == isAgent) return;
        _agents = isAgent ? _agents.Add(userId) : _agents.Remove(userId);
        if (isAgent) _told.Enqueue(userId);
        while (_told.Count > MaxAgents) _agents = _agents.Remove(_told.Dequeue());
    }
}
