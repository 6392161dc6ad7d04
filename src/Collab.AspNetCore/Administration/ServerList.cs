using Collab.AspNetCore.Cluster;
using Collab.Protocol;

namespace Collab.AspNetCore.Administration;

/// <summary>The servers of the installation, as this one sees them.</summary>
internal sealed class ServerList(OwnConnections own, OtherServers others, BusMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// All of them, by name. Those that do not answer stand there as they were heard of last, until they are taken for dead.
    /// </summary>
    /// <param name="isLocal">Whether this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<ClusterStatus> GetAsync(bool isLocal, CancellationToken cancellationToken)
    {
        var asked = isLocal ? Answered.ByNobody : await others.AskAsync(new(Asked.Vitals), cancellationToken);
        var answers = asked.Parse(AnswersJson.Default.Vitals, metrics);
        var fresh = answers.Answers.ToDictionary(a => a.Server.Id, a => a.Answer.Cleaned());
        var all = isLocal ? [] : others.All.Select(m => StatusOf(m, fresh.GetValueOrDefault(m.Id)));
        return new(others.BusName, others.IsBusConnected, [.. all.Append(Self()).OrderBy(s => s.Name, StringComparer.Ordinal)])
        {
            Servers = answers.Servers,
            Missing = answers.Missing,
        };
    }

    private ServerStatus Self() => StatusOf(others.Self, own.Vitals) with { IsSelf = true };

    private ServerStatus StatusOf(Member member, Vitals? fresh) => StatusOf(member.Id, fresh ?? member.Vitals) with
    {
        HasAnswered = fresh is not null,
        IsLeaving = member.IsLeaving,
        HeardAgoMs = fresh is not null ? 0 : (long)others.SilenceOf(member).TotalMilliseconds,
    };

    private ServerStatus StatusOf(Guid id, Vitals vitals) => new(
        id, vitals.Name, vitals.Version, vitals.StartedAt.ToUnixTimeMilliseconds(),
        Math.Max(0, (long)(time.GetUtcNow() - vitals.StartedAt).TotalSeconds), vitals.Connections, vitals.Runs, vitals.State,
        vitals.Messages, vitals.Errors, IsSelf: false, HasAnswered: true, IsLeaving: false, HeardAgoMs: 0);
}
