namespace Collab.Protocol;

/// <summary>The event types that every server knows. A server's configuration can add more.</summary>
public static class EventTypes
{
    /// <summary>Critical. Insert an agent after a step. Data: <c>after</c> (step id), <c>agentName</c>.</summary>
    public const string Graft = "GRAFT";

    /// <summary>Critical. Skip a step, or take it back in. Data: <c>stepId</c>, <c>isPruned</c>.</summary>
    public const string Prune = "PRUNE";

    /// <summary>Critical. Mark a step for review. Data: <c>stepId</c>, optional <c>note</c>.</summary>
    public const string Flag = "FLAG";

    /// <summary>
    /// Critical, and the last of its run: it takes no more events. Data: optional <c>outcome</c>, what came of it.
    /// </summary>
    public const string RunEnd = "RUN_END";

    /// <summary>Ephemeral, made by the server. A user came. Data: <c>activeUserCount</c>.</summary>
    public const string UserJoin = "USER_JOIN";

    /// <summary>Ephemeral, made by the server. A user's last connection to the run went. Data: <c>activeUserCount</c>.</summary>
    public const string UserLeave = "USER_LEAVE";

    /// <summary>Ephemeral. Where a user's focus is. Data: <c>nodeId</c>, null for no cursor.</summary>
    public const string CursorMove = "CURSOR_MOVE";
}
