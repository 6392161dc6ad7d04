using System.Text.Json;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>The other servers of the installation, as what asks them sees them: none where there is no bus.</summary>
internal sealed class OtherServers(Members members, ICollabBus? bus, Coverage coverage, Questions? questions)
{
    /// <summary>This server, since its start.</summary>
    public Guid Self => members.Self;

    /// <summary>What the bus is called; null: there is none.</summary>
    public string? BusName => bus?.Name;

    public bool IsBusConnected => bus is not null && coverage.IsHeard;

    /// <summary>Those that were heard of lately.</summary>
    public IReadOnlyList<Member> All => members.Others;

    /// <summary>How long ago one was heard of.</summary>
    public TimeSpan SilenceOf(Member member) => members.SilenceOf(member);

    /// <inheritdoc cref="Questions.AskAsync(Question, Func{byte[], bool}, CancellationToken)"/>
    public Task<Answered> AskAsync(Question question, CancellationToken cancellationToken, Func<byte[], bool>? isEnough = null) =>
        questions?.AskAsync(question, isEnough, cancellationToken) ?? Task.FromResult(Answered.ByNobody);

    /// <summary>Ends a user's connections on them.</summary>
    public Task<Answered> DisconnectAsync(string userId, Ending ending, CancellationToken cancellationToken)
    {
        if (questions is null) return Task.FromResult(Answered.ByNobody);
        var user = new UserToEnd(userId, ending.Code.ToWire(), ending.Message);
        var body = JsonSerializer.SerializeToUtf8Bytes(user, ClusterJson.Default.UserToEnd);
        return questions.OrderAsync(NewsKind.Disconnect, Guid.Empty, body, cancellationToken);
    }
}

/// <summary>Users on all servers.</summary>
internal sealed class ClusterUsers(ConnectionMonitor monitor, OtherServers others, BusMetrics metrics)
{
    /// <summary>Ends a user's connections.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="ending">Why.</param>
    /// <param name="isLocal">Whether on this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the other servers' word.</param>
    public async Task<UserDisconnected> DisconnectAsync(string userId, Ending ending, bool isLocal, CancellationToken cancellationToken)
    {
        var asking = isLocal ? Task.FromResult(Answered.ByNobody) : others.DisconnectAsync(userId, ending, cancellationToken);
        var ended = monitor.DisconnectUser(userId, ending);
        var answered = (await asking).Parse(ClusterJson.Default.UserEnded, metrics);
        return new(ended + answered.Answers.Sum(a => a.Answer.Ended)) { Servers = answered.Servers, Missing = answered.Missing };
    }
}
