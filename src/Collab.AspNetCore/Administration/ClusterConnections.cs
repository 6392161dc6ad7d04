using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Administration;

/// <summary>What administrators see and do of the connections of all servers, or of this one alone.</summary>
internal sealed class ClusterConnections(OwnConnections own, OtherServers others, BusMetrics metrics)
{
    /// <summary>Each server names at least so many of its runs, so that those on several servers are added up right.</summary>
    private const int FewestRuns = 1000;

    /// <summary>Answers that it does not know of are worth another try.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    /// <param name="limit">At most so many runs.</param>
    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<ConnectionOverview> OverviewAsync(int limit, bool isLocal, CancellationToken cancellationToken)
    {
        if (isLocal) return own.Overview(limit);
        var question = new Question(Asked.Overview) { Rows = Math.Max(limit, FewestRuns) };
        var answers = await AskAsync(question, AnswersJson.Default.ConnectionOverview, cancellationToken);
        var all = answers.With(own.Overview(answers.Answers.Count == 0 ? limit : int.MaxValue));
        var byRun = all.SelectMany(a => a.ConnectionsByRun).GroupBy(r => r.Key, r => r.Value)
            .ToDictionary(r => r.Key, r => r.Sum());
        // Runs that a server has no room to name are on no other, as far as can be told.
        var unnamed = all.Sum(a => a.TotalRuns - a.ConnectionsByRun.Count);
        return new(byRun.Count + unnamed, all.Sum(a => a.TotalConnections), OwnConnections.Busiest(byRun, limit))
        {
            Servers = answers.Servers,
            Missing = answers.Missing,
        };
    }

    /// <param name="runId">The run.</param>
    /// <param name="page">Which of its connections.</param>
    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<RunConnections> OfRunAsync(Guid runId, Page page, bool isLocal, CancellationToken cancellationToken)
    {
        var question = new Question(Asked.RunConnections) { RunId = runId, Rows = page.Rows };
        var answers = await AskAsync(question, AnswersJson.Default.RunConnections, cancellationToken, isLocal);
        var all = answers.With(own.OfRun(runId, page.End));
        var merged = Merge.Sorted(
            all, a => (a.Connections, a.ConnectionCount),
            rows => rows.OrderBy(s => s.ConnectedAt).ThenBy(s => s.SessionId, StringComparer.Ordinal));
        var users = all.SelectMany(a => a.ActiveUsers).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(runId, all.Sum(a => a.ConnectionCount), page.Of(merged.Rows), all.Count == 1 ? all[0].ActiveUsers : [.. users])
        {
            Servers = answers.Servers,
            Missing = answers.Missing,
            IsCut = merged.IsCutBefore(page.End),
            LastSequence = all.Max(a => a.LastSequence),
        };
    }

    /// <param name="page">Which of them.</param>
    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<Sessions> SessionsAsync(Page page, bool isLocal, CancellationToken cancellationToken)
    {
        var question = new Question(Asked.Sessions) { Rows = page.Rows };
        var answers = await AskAsync(question, AnswersJson.Default.SessionList, cancellationToken, isLocal);
        var all = answers.With(own.Sessions(page.End));
        var merged = Merge.Sorted(
            all, a => (a.Rows, a.Total),
            rows => rows.OrderByDescending(s => s.DisconnectedAt ?? long.MaxValue).ThenByDescending(s => s.ConnectedAt)
                .ThenBy(s => s.SessionId, StringComparer.Ordinal));
        return new(page.Of(merged.Rows), all.Sum(a => a.Total), answers.Servers, answers.Missing, merged.IsCutBefore(page.End));
    }

    /// <summary>A connection, open or ended; null: no server remembers it.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>: not all servers have answered, and none that did knows it.</exception>
    public async Task<ConnectionMetrics?> SessionAsync(string sessionId, bool isLocal, CancellationToken cancellationToken)
    {
        if (own.Session(sessionId).Session is { } here) return here;
        if (isLocal || Unlike(sessionId)) return null;
        var question = new Question(Asked.Session) { SessionId = sessionId };
        var answers = await AskAsync(
            question, AnswersJson.Default.SessionAnswer, cancellationToken, isEnough: answer => answer.Session is not null);
        var found = answers.Answers.Select(a => a.Answer.Session).FirstOrDefault(s => s is not null);
        return found ?? Nothing<ConnectionMetrics>(answers.Missing);
    }

    /// <summary>Ends a connection, wherever it is.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="RefusedException"><c>unavailable</c>: not all servers have answered, and none that did had it.</exception>
    public async Task<bool> EndAsync(string sessionId, bool isLocal, CancellationToken cancellationToken)
    {
        if (own.End(sessionId).HasEnded) return true;
        if (isLocal || Unlike(sessionId)) return false;
        var question = new Question(Asked.End) { SessionId = sessionId };
        var answers = await AskAsync(
            question, AnswersJson.Default.EndAnswer, cancellationToken, isEnough: answer => answer.HasEnded);
        return answers.Answers.Any(a => a.Answer.HasEnded) || Nothing<object>(answers.Missing) is not null;
    }

    /// <summary>What became of a client's connections, on all servers; null: none of those that answered remembers it.</summary>
    /// <param name="traceId">The client.</param>
    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    /// <exception cref="RefusedException"><c>unavailable</c>: not all servers have answered, and none that did knows it.</exception>
    public async Task<FlightRecord?> FlightAsync(string traceId, bool isLocal, CancellationToken cancellationToken)
    {
        var question = new Question(Asked.Flight) { SessionId = traceId };
        var answers = await AskAsync(question, AnswersJson.Default.FlightRecord, cancellationToken, isLocal || Unlike(traceId));
        var entries = answers.With(own.Flight(traceId)).SelectMany(a => a.Entries).OrderBy(e => e.At).ToList();
        return entries.Count == 0
            ? Nothing<FlightRecord>(answers.Missing)
            : new(traceId, entries) { Servers = answers.Servers, Missing = answers.Missing };
    }

    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<ConnectionsHealth> HealthAsync(bool isLocal, CancellationToken cancellationToken)
    {
        var answers = await AskAsync(new(Asked.Health), AnswersJson.Default.ConnectionsHealth, cancellationToken, isLocal);
        return Merge.Health(answers.With(own.Health())) with { Servers = answers.Servers, Missing = answers.Missing };
    }

    /// <param name="isLocal">Whether of this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<ConnectionHistory> HistoryAsync(bool isLocal, CancellationToken cancellationToken)
    {
        var answers = await AskAsync(new(Asked.History), AnswersJson.Default.ConnectionHistory, cancellationToken, isLocal);
        return Merge.History(answers.With(own.History())) with { Servers = answers.Servers, Missing = answers.Missing };
    }

    /// <param name="olderThan">Forgets what ended so long ago or earlier.</param>
    /// <param name="isLocal">Whether on this server alone.</param>
    /// <param name="cancellationToken">Ends the wait for the others.</param>
    public async Task<CleanupResult> CleanUpAsync(TimeSpan olderThan, bool isLocal, CancellationToken cancellationToken)
    {
        var question = new Question(Asked.CleanUp) { AgeMs = (long)olderThan.TotalMilliseconds };
        var answers = await AskAsync(question, AnswersJson.Default.CleanupResult, cancellationToken, isLocal);
        var removed = answers.With(own.CleanUp(olderThan)).Sum(a => a.Removed);
        return new(removed) { Servers = answers.Servers, Missing = answers.Missing };
    }

    private async Task<Answered<T>> AskAsync<T>(
        Question question, JsonTypeInfo<T> json, CancellationToken cancellationToken, bool isLocal = false, Func<T, bool>? isEnough = null)
        where T : class
    {
        if (isLocal) return Answered.ByNobody.Parse(json, metrics);
        Func<byte[], bool>? enough = isEnough is null ? null : word => Answered.Read(word, json) is { } answer && isEnough(answer);
        return (await others.AskAsync(question, cancellationToken, enough)).Parse(json, metrics);
    }

    /// <summary>No server gives such an id to a session.</summary>
    private static bool Unlike(string sessionId) => !new Question("") { SessionId = sessionId }.IsSound;

    /// <summary>Not found, if all have answered.</summary>
    private static T? Nothing<T>(IReadOnlyList<string> missing)
        where T : class => missing.Count == 0 ? null : throw new RefusedException(
            CollabErrorCode.Unavailable,
            $"No server that has answered knows the connection, and not all have: {string.Join(", ", missing)}.", AgainAfter);
}
