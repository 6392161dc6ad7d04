namespace Collab.AspNetCore.Presence;

/// <summary>What one server knows of one user in a run.</summary>
/// <param name="UserId">The user.</param>
/// <param name="IsHere">Whether the user is in the run on that server.</param>
/// <param name="UserName">What to call the user; null if there is no name but the id.</param>
/// <param name="NodeId">Where the cursor is; null if there is none.</param>
/// <param name="Move">The cursor's newest move, as it was sent; null if there is none.</param>
internal readonly record struct Attendance(string UserId, bool IsHere, string? UserName, string? NodeId, byte[]? Move);

/// <summary>What one server tells of its users in a run.</summary>
/// <param name="Version">A number that grows with whatever it tells.</param>
/// <param name="Before">The version of what it told before; 0 if that was nothing.</param>
/// <param name="IsWhole">Whether these are all of its users there.</param>
/// <param name="Users">The users.</param>
internal readonly record struct ServerPart(long Version, long Before, bool IsWhole, IReadOnlyList<Attendance> Users);

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
