using Collab.Protocol;

namespace Collab.AspNetCore.Presence;

/// <summary>What one server knows of one user in a run.</summary>
/// <param name="UserId">The user.</param>
/// <param name="IsHere">Whether the user is in the run on that server.</param>
/// <param name="UserName">What to call the user; null if there is no name but the id.</param>
/// <param name="NodeId">Where the cursor is; null if there is none.</param>
/// <param name="Move">The cursor's newest move, as it was sent; null if there is none.</param>
internal readonly record struct Attendance(string UserId, bool IsHere, string? UserName, string? NodeId, byte[]? Move)
{
    /// <summary>What the user is, as the newest token on that server says.</summary>
    public ParticipantKind Kind { get; init; }

    /// <summary>Up to which number the user has applied the run; null: not said.</summary>
    public long? Seen { get; init; }
}

/// <summary>What is new of this server's users in a run.</summary>
/// <param name="Epoch">The log that marks are about.</param>
/// <param name="Users">Those who have come, gone, or moved their cursors.</param>
/// <param name="Marks">Those who have seen more, and of whom nothing else is new.</param>
internal readonly record struct PresenceNews(Guid Epoch, IReadOnlyList<Attendance> Users, IReadOnlyList<SeenMark> Marks);

/// <summary>What one server tells of its users in a run.</summary>
/// <param name="Version">A number that grows with whatever it tells.</param>
/// <param name="Before">The version of what it told before; 0 if that was nothing.</param>
/// <param name="Extent">Whether these are all of its users there.</param>
/// <param name="Users">The users.</param>
internal readonly record struct ServerPart(long Version, long Before, Extent Extent, IReadOnlyList<Attendance> Users)
{
    /// <summary>The log that marks are about; empty where there are none.</summary>
    public Guid Epoch { get; init; }

    /// <summary>The marks of users of whom nothing else is new.</summary>
    public IReadOnlyList<SeenMark> Marks { get; init; } = [];

    /// <summary>Whether it ends with this.</summary>
    public bool IsEnd => Extent is Extent.All or Extent.Last;
}

/// <summary>How much of a server's users in a run something is. All of them may be more than one message has room for.</summary>
internal enum Extent : byte
{
    /// <summary>What is new.</summary>
    Changes = 0,

    /// <summary>All of them.</summary>
    All = 1,

    /// <summary>All of them, of which this is the beginning.</summary>
    First = 2,

    /// <summary>Further ones.</summary>
    Next = 3,

    /// <summary>The rest.</summary>
    Last = 4,
}

/// <summary>What is known of a server's users after it has told something.</summary>
internal enum Hearing
{
    /// <summary>What came was repeated, or behind what had come before: it says nothing.</summary>
    Late,

    /// <summary>All up to it, if nothing was missing before.</summary>
    Whole,

    /// <summary>Something before it did not come.</summary>
    Gap,
}
