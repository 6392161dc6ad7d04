using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>This server among the others: it runs the bus, says that it is there, and notices who is not any more.</summary>
internal sealed partial class ClusterService : BackgroundService
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private const int HeartbeatEvery = 2;

    private const int TellVersionsEvery = 5;

    private static readonly string Version = typeof(ClusterService).Assembly.GetName().Version?.ToString(3) ?? "0";

    private readonly ICollabBus _bus;
    private readonly Feeds _feeds;
    private readonly ClusterNews _news;
    private readonly Outbound _outbound;
    private readonly Inbound _inbound;
    private readonly Members _members;
    private readonly Coverage _coverage;
    private readonly ConnectionMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _startedAt;

    public ClusterService(
        ICollabBus bus, Feeds feeds, ClusterNews news, Outbound outbound, Inbound inbound, Members members, Coverage coverage,
        BusMetrics metrics, CollabMetrics meter, ConnectionMonitor monitor, TimeProvider time, ILogger<ClusterService> logger)
    {
        (_bus, _feeds, _news, _outbound, _inbound, _members, _monitor) = (bus, feeds, news, outbound, inbound, members, monitor);
        (_coverage, _time, _logger, _startedAt) = (coverage, time, logger, time.GetUtcNow());
        metrics.Observe(meter, () => coverage.IsConnected, () => members.Others.Count + 1);
        _inbound.Met = () =>
        {
            Beat();
            _outbound.Add(NewsKind.WhichVersions, Guid.Empty, [], toAll: true);
            _news.TellVersions(_feeds);
        };
    }

    /// <summary>Ends a user's connections on the other servers.</summary>
    public void Disconnect(string userId, EndingCode code, string message)
    {
        if (!_members.IsAlone)
        {
            var user = new UserToEnd(userId, code.ToWire(), message);
            var body = JsonSerializer.SerializeToUtf8Bytes(user, ClusterJson.Default.UserToEnd);
            _outbound.Add(NewsKind.Disconnect, Guid.Empty, body, toAll: true);
        }
    }

    /// <summary>Says goodbye when all that is committed has been told.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _outbound.EndAsync(LastWords);
        if (!_members.IsAlone) _outbound.SendLast(NewsKind.Goodbye);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                _bus.RunAsync(_inbound, stoppingToken), _outbound.RunAsync(stoppingToken), _inbound.RunAsync(stoppingToken),
                BeatAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It has said goodbye.
        }
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Second, _time);
        for (var second = 0; ; second++)
        {
            if (second % HeartbeatEvery == 0) Beat();
            _outbound.TellPositions();
            foreach (var gone in _members.TakeGone())
            {
                LogGone(gone);
                _inbound.Lost(gone);
            }
            _inbound.AskAgain();
            if (second % TellVersionsEvery == 0) _news.TellVersions(_feeds);
            Subscribe();
            if (!await timer.WaitForNextTickAsync(stoppingToken)) return;
        }
    }

    private void Beat()
    {
        var vitals = new Vitals(
            $"{Environment.MachineName}:{Environment.ProcessId}", Version, _startedAt, _monitor.OpenCount, _feeds.Live.Count());
        _outbound.Add(NewsKind.Heartbeat, Guid.Empty, JsonSerializer.SerializeToUtf8Bytes(vitals, ClusterJson.Default.Vitals), toAll: true);
    }

    /// <summary>Subscribes where that has failed.</summary>
    private void Subscribe()
    {
        if (!_coverage.IsConnected) return;
        foreach (var feed in _feeds.Live.Where(f => !_coverage.IsSubscribed(f.RunId))) _ = _news.BeginAsync(feed.RunId).AsTask();
    }

    [LoggerMessage(LogLevel.Information, "Another server is gone: {Server}.")]
    private partial void LogGone(Guid server);
}
