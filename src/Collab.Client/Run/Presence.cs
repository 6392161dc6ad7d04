using System.Collections.Immutable;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>Who is in the run, and where each one's cursor is.</summary>
internal sealed class Presence
{
    private ImmutableSortedSet<string> _users = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private ImmutableDictionary<string, string> _cursors = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Sorted.</summary>
    public IReadOnlyList<string> Users => _users;

    /// <summary>The step each user's cursor is on.</summary>
    public IReadOnlyDictionary<string, string> Cursors => _cursors;

    public void Replace(IEnumerable<string> users, IReadOnlyDictionary<string, string> cursors)
    {
        _users = users.ToImmutableSortedSet(StringComparer.Ordinal);
        _cursors = cursors.ToImmutableDictionary(StringComparer.Ordinal);
    }

    public void Apply(CollaborationEvent e)
    {
        switch (e.EventType)
        {
            case EventTypes.UserJoin:
                _users = _users.Add(e.UserId);
                break;
            case EventTypes.UserLeave:
                _users = _users.Remove(e.UserId);
                _cursors = _cursors.Remove(e.UserId);
                break;
            case EventTypes.CursorMove:
                _cursors = e.Data.Text("nodeId") is { } node ? _cursors.SetItem(e.UserId, node) : _cursors.Remove(e.UserId);
                break;
        }
    }
}
