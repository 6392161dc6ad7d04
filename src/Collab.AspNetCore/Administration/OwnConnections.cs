using System.Text.Json;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Administration;

/// <summary>What this server tells administrators of its own connections, and other servers that ask for theirs.</summary>
internal sealed class OwnConnections(ConnectionMonitor monitor, Feeds feeds, OwnVitals self, TrafficHistory history) : IAnswers
{
    public Vitals Vitals => self.Now();

    /// <param name="limit">At most so many runs.</param>
    public ConnectionOverview Overview(int limit)
    {
        var byRun = monitor.CountByRun();
        return new(byRun.Count, monitor.Open.Count(), Busiest(byRun, limit));
    }

    public RunConnections OfRun(Guid runId, int limit, int users = int.MaxValue)
    {
        var joined = monitor.Open.Where(r => r.Runs.Contains(runId)).OrderBy(r => r.ConnectedAt)
            .ThenBy(r => r.SessionId, StringComparer.Ordinal).ToList();
        var page = joined.Take(limit)
            .Select(r => new RunSession(r.SessionId, r.UserId, r.ConnectedAt, r.Kind, self.Name) { Seen = r.SeenIn?.Invoke(runId) });
        var feed = feeds.Find(runId);
        return new(runId, joined.Count, [.. page], [.. (feed?.ActiveUsers ?? []).Take(users)])
        {
            LastSequence = feed?.LastSequence ?? 0,
        };
    }

    public SessionList Sessions(int limit)
    {
        var all = monitor.All();
        return new(all.Count, [.. all.Take(limit).Select(ToMetrics)]);
    }

    public SessionAnswer Session(string sessionId) => new(monitor.Find(sessionId) is { } record ? ToMetrics(record) : null);

    public FlightRecord Flight(string traceId) =>
        new(traceId, [.. monitor.Flights.Of(traceId).Select(entry => entry with { Server = self.Name })]);

    public ConnectionsHealth Health() => monitor.Health();

    public ConnectionHistory History() => history.Kept;

    public CleanupResult CleanUp(TimeSpan olderThan) => new(monitor.ForgetStale(olderThan));

    public EndAnswer End(string sessionId) => new(monitor.Disconnect(sessionId, Ending.Kicked));

    public byte[]? To(Question question) => question.About switch
    {
        Asked.Vitals => Write(Vitals, AnswersJson.Default.Vitals),
        Asked.Overview => Write(Overview(question.Rows), AnswersJson.Default.ConnectionOverview),
        Asked.RunConnections => Write(OfRun(question.RunId, question.Rows, question.Rows), AnswersJson.Default.RunConnections),
        Asked.Sessions => Write(Sessions(question.Rows), AnswersJson.Default.SessionList),
        Asked.Session => Write(Session(question.SessionId ?? ""), AnswersJson.Default.SessionAnswer),
        Asked.Flight => Write(Flight(question.SessionId ?? ""), AnswersJson.Default.FlightRecord),
        Asked.Health => Write(Health(), AnswersJson.Default.ConnectionsHealth),
        Asked.History => Write(History(), AnswersJson.Default.ConnectionHistory),
        Asked.CleanUp => Write(CleanUp(TimeSpan.FromMilliseconds(question.AgeMs)), AnswersJson.Default.CleanupResult),
        Asked.End => Write(End(question.SessionId ?? ""), AnswersJson.Default.EndAnswer),
        _ => null,
    };

    /// <summary>The runs with the most connections, at most so many.</summary>
    public static Dictionary<Guid, int> Busiest(IEnumerable<KeyValuePair<Guid, int>> byRun, int limit) =>
        byRun.OrderByDescending(run => run.Value).ThenBy(run => run.Key).Take(limit).ToDictionary();

    private static byte[] Write<T>(T answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
        JsonSerializer.SerializeToUtf8Bytes(answer, json);

    private ConnectionMetrics ToMetrics(ConnectionRecord record) =>
        record.ToMetrics() with { Server = self.Name, Behind = BehindOf(record) };

    /// <summary>By how many events it is behind the run of which it lacks most; null: its client has not said.</summary>
    private long? BehindOf(ConnectionRecord record)
    {
        if (record is { DisconnectedAt: not null } or { SeenIn: null }) return null;
        return record.Runs.Max(runId => record.SeenIn(runId) is { } seen && feeds.Find(runId) is { } feed
            ? Math.Max(0, feed.LastSequence - seen)
            : (long?)null);
    }
}
