using System.Collections.Immutable;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>What users are called, by user id. The last word counts: people change their names.</summary>
internal sealed class UserNames
{
    /// <summary>So many names are remembered; past it those that were told first are forgotten.</summary>
    private const int Max = 2000;

    /// <summary>Longer names are cut: the server's own bound, in UTF-16 units.</summary>
    private const int MaxLength = 128;

    private readonly Queue<string> _told = new();
    private ImmutableDictionary<string, string> _names = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A map that never changes.</summary>
    public IReadOnlyDictionary<string, string> Shown => _names;

    public void Remember(CollaborationEvent e)
    {
        if (e.UserName is { } name) Remember(e.UserId, name);
    }

    public void Remember(string userId, string? name)
    {
        if (string.IsNullOrWhiteSpace(name)) return;
        if (name.Length > MaxLength) name = name[..(char.IsHighSurrogate(name[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        if (!_names.ContainsKey(userId)) _told.Enqueue(userId);
        _names = _names.SetItem(userId, name);
        if (_told.Count > Max) _names = _names.Remove(_told.Dequeue());
    }
}
