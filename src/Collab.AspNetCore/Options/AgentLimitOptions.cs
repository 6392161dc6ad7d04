using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>
/// Section <c>Collab:Limits:Agent</c>: what holds for users whose token says <c>kind: agent</c>, in place of the member of the same name of
/// <see cref="LimitOptions"/>. Null, the default: that one holds for agents too. 0: no limit.
/// </summary>
public sealed class AgentLimitOptions
{
    /// <inheritdoc cref="LimitOptions.PublishPerSecond" />
    [Range(0, 1_000_000)]
    public int? PublishPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.PublishBurst" />
    [Range(0, 1_000_000)]
    public int? PublishBurst { get; set; }

    /// <inheritdoc cref="LimitOptions.PublishPerMinute" />
    [Range(0, 10_000_000)]
    public int? PublishPerMinute { get; set; }

    /// <inheritdoc cref="LimitOptions.CursorPerSecond" />
    [Range(0, 1_000_000)]
    public int? CursorPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.JoinPerSecond" />
    [Range(0, 1_000_000)]
    public int? JoinPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.PollPerSecond" />
    [Range(0, 1_000_000)]
    public int? PollPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.ReplayPerSecond" />
    [Range(0, 1_000_000)]
    public int? ReplayPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.PastStatePerSecond" />
    [Range(0, 1_000_000)]
    public int? PastStatePerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.ListPerSecond" />
    [Range(0, 1_000_000)]
    public int? ListPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.PingPerSecond" />
    [Range(0, 1_000_000)]
    public int? PingPerSecond { get; set; }

    /// <inheritdoc cref="LimitOptions.BranchPerMinute" />
    [Range(0, 1_000_000)]
    public int? BranchPerMinute { get; set; }

    /// <inheritdoc cref="LimitOptions.ConnectionsPerUser" />
    [Range(0, 1_000_000)]
    public int? ConnectionsPerUser { get; set; }

    /// <inheritdoc cref="LimitOptions.RunsPerConnection" />
    [Range(0, 1_000_000)]
    public int? RunsPerConnection { get; set; }

    /// <summary>These, and the people's where there is none.</summary>
    internal LimitOptions Over(LimitOptions people) => new()
    {
        PublishPerSecond = PublishPerSecond ?? people.PublishPerSecond,
        PublishBurst = PublishBurst ?? people.PublishBurst,
        PublishPerMinute = PublishPerMinute ?? people.PublishPerMinute,
        CursorPerSecond = CursorPerSecond ?? people.CursorPerSecond,
        JoinPerSecond = JoinPerSecond ?? people.JoinPerSecond,
        PollPerSecond = PollPerSecond ?? people.PollPerSecond,
        ReplayPerSecond = ReplayPerSecond ?? people.ReplayPerSecond,
        PastStatePerSecond = PastStatePerSecond ?? people.PastStatePerSecond,
        ListPerSecond = ListPerSecond ?? people.ListPerSecond,
        PingPerSecond = PingPerSecond ?? people.PingPerSecond,
        BranchPerMinute = BranchPerMinute ?? people.BranchPerMinute,
        ConnectionsPerUser = ConnectionsPerUser ?? people.ConnectionsPerUser,
        RunsPerConnection = RunsPerConnection ?? people.RunsPerConnection,
    };
}
