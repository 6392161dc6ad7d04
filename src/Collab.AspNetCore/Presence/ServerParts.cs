namespace Collab.AspNetCore.Presence;

/// <summary>
/// How far each other server's word about a run was heard. All of a server's users may come in several messages: who is not among them is
/// known only with the last one. The feed's lock guards it.
/// </summary>
internal sealed class ServerParts
{
    private readonly Dictionary<Guid, Heard> _heard = [];

    /// <summary>The version of what a server has told last; 0: it has told nothing.</summary>
    public long ToldBy(Guid server) => _heard.GetValueOrDefault(server).Version;

    /// <summary>What a server has told is not true any more, for it is gone.</summary>
    public void Forget(Guid server) => _heard.Remove(server);

    /// <summary>A server tells something.</summary>
    /// <param name="server">The server.</param>
    /// <param name="part">What it tells.</param>
    /// <param name="all">All of the server's users, if they are known now; else null.</param>
    public Hearing Hear(Guid server, in ServerPart part, out IReadOnlySet<string>? all)
    {
        all = null;
        var (known, users) = _heard.GetValueOrDefault(server);
        if (part.Version <= known) return Hearing.Late;
        var isNext = part.Before == known;
        if (part.Extent is Extent.All or Extent.First) users = new(StringComparer.Ordinal);
        else if (part.Extent is Extent.Changes || !isNext) users = null;
        users?.UnionWith(part.Users.Select(u => u.UserId));
        if (part.IsEnd) all = users;
        _heard[server] = new(part.Version, part.IsEnd ? null : users);
        // What is missing before all of them is no gap, but before the rest of them.
        return isNext || part.Extent is Extent.All or Extent.First ? Hearing.Whole : Hearing.Gap;
    }

    /// <param name="Version">What was told last.</param>
    /// <param name="Users">All of the users so far, while they come in several messages.</param>
    private readonly record struct Heard(long Version, HashSet<string>? Users);
}
