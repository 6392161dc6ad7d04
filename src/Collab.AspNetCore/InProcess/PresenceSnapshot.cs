using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>Who is in a run at one moment.</summary>
/// <param name="ActiveUsers">The users who are there, sorted.</param>
/// <param name="CursorPositions">The step each user's cursor is on, by user id.</param>
/// <param name="UserNames">Names of those users who have one, by user id.</param>
public sealed record PresenceSnapshot(
    IReadOnlyList<string> ActiveUsers, IReadOnlyDictionary<string, string> CursorPositions, IReadOnlyDictionary<string, string> UserNames)
{
    /// <summary>The same users, with what each is and up to which event each has applied the run.</summary>
    public IReadOnlyList<PresenceEntry> Participants { get; init; } = [];

    internal static readonly PresenceSnapshot Nobody = new([], new Dictionary<string, string>(), new Dictionary<string, string>());
}
