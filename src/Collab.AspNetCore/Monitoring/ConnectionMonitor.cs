using System.Collections.Concurrent;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// The connections of this server, hub connections, event streams and polls that wait, those that are open and those that ended lately.
/// Coming, going, joining and leaving take a lock; whatever happens per message is counted in the <see cref="ConnectionRecord"/> without
/// one.
/// </summary>
internal sealed partial class ConnectionMonitor
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, ConnectionRecord> _open = new(StringComparer.Ordinal);
    private readonly EndedConnections _ended = new();
    private readonly ReturningClients _clients = new();
    private int _openHubs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ConnectionMonitor(Traffic traffic, CollabMetrics metrics, TimeProvider time, ILogger<ConnectionMonitor>? logger = null)
    {
        (Traffic, Metrics, _time, _logger) = (traffic, metrics, time, logger ?? NullLogger<ConnectionMonitor>.Instance);
        StartedAt = time.GetTimestamp();
        metrics.Observe(this);
    }

    public Traffic Traffic { get; }

    public CollabMetrics Metrics { get; }

    /// <summary>Whether new ones are let in.</summary>
    public Entrance Entrance { get; } = new();

    /// <summary>What became of the connections of each client.</summary>
    public FlightLog Flights { get; } = new();

    /// <summary>Unix milliseconds.</summary>
    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public TimeSpan Uptime => _time.GetElapsedTime(StartedAt);

    /// <summary>How many hub connections are open.</summary>
    public int OpenCount => Volatile.Read(ref _openHubs);

    /// <summary>All that is open, streams and polls that wait too.</summary>
    public IEnumerable<ConnectionRecord> Open => _open.Select(entry => entry.Value);

    /// <summary>How many ended connections, and how many clients, are remembered.</summary>
    public (int Ended, int Clients) Remembered { get { lock (_gate) return (_ended.Count, _clients.Count); } }

    private long StartedAt { get; }

    /// <summary>A record for a connection that has come, but has not been let in yet.</summary>
    public ConnectionRecord NewRecord(string sessionId, string? clientId, ConnectionKind kind = ConnectionKind.WebSocket) =>
        new(this, sessionId, clientId, kind, Now);

    /// <summary>A connection was let in.</summary>
    public void Opened(ConnectionRecord record, string userId)
    {
        lock (_gate)
        {
            record.UserId = userId;
            if (record.IsHub) _clients.Opened(record);
            if (_open.TryAdd(record.SessionId, record) && record.IsHub) _openHubs++;
        }
        Flights.Add(record, FlightStep.Opened, Now);
        if (record.IsHub) Traffic.Connections.Add();
        // It may have been on its way in when the entrance was closed.
        if (Entrance.Closed is { } ending) record.End(ending);
    }

    /// <summary>A connection that was let in has ended.</summary>
    public void Closed(ConnectionRecord record)
    {
        lock (_gate)
        {
            if (!_open.TryRemove(record.SessionId, out _)) return;
            if (record.IsHub) _openHubs--;
            (record.DisconnectedAt, record.EndedAt) = (Now, _time.GetTimestamp());
            if (record.IsHub) _clients.Closed(record);
            // A client that polls would fill the list all by itself.
            if (record.Kind != ConnectionKind.Poll || record.Ending is not null) _ended.Add(record);
        }
        Flights.Add(record, FlightStep.Closed, Now);
        if (record.IsHub) Traffic.Disconnections.Add();
    }

    /// <summary>The server ends: so do all connections, and those that still come.</summary>
    public void EndAll(Ending ending)
    {
        Entrance.Close(ending);
        foreach (var record in Open) record.End(ending);
    }

    /// <summary>Ends a connection, stream or poll that waits.</summary>
    /// <returns>False: there is none of that id.</returns>
    public bool Disconnect(string sessionId, Ending ending)
    {
        if (!_open.TryGetValue(sessionId, out var record)) return false;
        record.End(ending);
        return true;
    }

    /// <summary>Ends all connections, streams and polls that wait of a user.</summary>
    /// <returns>How many there were.</returns>
    public int DisconnectUser(string userId, Ending ending)
    {
        var all = Open.Where(record => record.UserId == userId).ToList();
        foreach (var record in all) record.End(ending);
        return all.Count;
    }

    /// <summary>A connection is ended by the server.</summary>
    public void Ending(ConnectionRecord record, Ending ending)
    {
        Metrics.Disconnected(ending.Code);
        Flights.Add(record, FlightStep.Ended, Now, reason: ending.Code, cause: ending.Message);
        LogEnding(record.SessionId, ending.Code.ToWire(), ending.Message);
    }

    public void Joined(ConnectionRecord record, Guid runId, long after)
    {
        lock (_gate)
        {
            // The connection may have ended while it joined.
            if (!_open.ContainsKey(record.SessionId)) return;
            var isFirst = !record.Runs.Contains(runId);
            record.Runs = [.. record.Runs.Where(run => run != runId), runId];
            Flights.Add(record, FlightStep.Joined, Now, runId, after);
            if (!isFirst || !_clients.Joined(record, runId, after)) return;
        }
        Traffic.Reconnections.Add();
    }

    public void Left(ConnectionRecord record, Guid runId)
    {
        lock (_gate)
        {
            if (!_open.ContainsKey(record.SessionId) || !record.Runs.Contains(runId)) return;
            record.Runs = [.. record.Runs.Where(run => run != runId)];
            _clients.Left(record, runId);
            Flights.Add(record, FlightStep.Left, Now, runId);
        }
    }

    /// <summary>The connection of that id, open or ended.</summary>
    public ConnectionRecord? Find(string sessionId)
    {
        if (_open.TryGetValue(sessionId, out var record)) return record;
        lock (_gate) return _ended.Find(sessionId);
    }

    /// <summary>All connections, the open ones first, of either kind the newest first.</summary>
    public List<ConnectionRecord> All()
    {
        var all = Open.OrderByDescending(r => r.ConnectedAt).ThenBy(r => r.SessionId, StringComparer.Ordinal).ToList();
        lock (_gate) all.AddRange(_ended.NewestFirst);
        return all;
    }

    /// <summary>How many open connections have joined each run.</summary>
    public Dictionary<Guid, int> CountByRun()
    {
        var counts = new Dictionary<Guid, int>(KeyedGuids.Instance);
        foreach (var record in Open)
        {
            foreach (var run in record.Runs) counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }

    /// <summary>How the open connections fare together.</summary>
    public ConnectionsHealth Health()
    {
        Span<int> counts = stackalloc int[3];
        var sum = 0.0;
        foreach (var record in Open.Where(r => r.IsHub))
        {
            var quality = record.Quality;
            counts[(int)ConnectionQuality.StatusOf(quality)]++;
            sum += quality;
        }
        var total = counts[0] + counts[1] + counts[2];
        var average = total == 0 ? 100 : sum / total;
        return new(total, counts[0], counts[1], counts[2], average, ConnectionQuality.StatusOf(average));
    }

    /// <summary>Forgets the connections that ended longer ago than this, and the clients that have been away so long.</summary>
    /// <returns>How many connections were forgotten.</returns>
    public int ForgetStale(TimeSpan olderThan)
    {
        var before = _time.GetTimestamp() - _time.TicksOf(olderThan);
        Flights.Forget(Now - (long)olderThan.TotalMilliseconds);
        lock (_gate)
        {
            _clients.Forget(before);
            return _ended.Forget(before);
        }
    }

    [LoggerMessage(LogLevel.Information, "Connection {SessionId} is ended, {EndingCode}: {Reason}")]
    private partial void LogEnding(string sessionId, string endingCode, string reason);
}
