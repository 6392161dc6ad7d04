using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>This server among the others: it runs the bus, says that it is there, and notices who is not any more.</summary>
internal sealed partial class ClusterService : BackgroundService, IDrainSink
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private const int TellVersionsEvery = 5;

    private readonly ICollabBus _bus;
    private readonly Feeds _feeds;
    private readonly ClusterNews _news;
    private readonly Outbound _outbound;
    private readonly Inbound _inbound;
    private readonly Members _members;
    private readonly Coverage _coverage;
    private readonly AnswerDesk _desk;
    private readonly UserCounts _counts;
    private readonly OwnVitals _self;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ClusterService(
        ICollabBus bus, Feeds feeds, ClusterNews news, Outbound outbound, Inbound inbound, Members members, Coverage coverage,
        AnswerDesk desk, UserCounts counts, OwnVitals self, BusMetrics metrics, CollabMetrics meter, TimeProvider time,
        ILogger<ClusterService> logger)
    {
        (_bus, _feeds, _news, _outbound, _inbound, _members, _desk) = (bus, feeds, news, outbound, inbound, members, desk);
        (_coverage, _counts, _self, _time, _logger) = (coverage, counts, self, time, logger);
        metrics.Observe(meter, () => coverage.IsHeard, () => members.Others.Count + 1);
        _inbound.Met = () =>
        {
            Beat();
            _outbound.Add(NewsKind.WhichVersions, Guid.Empty, [], toAll: true);
            _news.TellVersions(_feeds);
        };
    }

    /// <summary>The others are told at once.</summary>
    void IDrainSink.DrainChanged(DrainState state) => Beat();

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
                _desk.RunAsync(stoppingToken), _counts.RunAsync(stoppingToken), BeatAsync(stoppingToken));
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
            Beat();
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
        var vitals = JsonSerializer.SerializeToUtf8Bytes(_self.Now(), ClusterJson.Default.Vitals);
        _outbound.Add(NewsKind.Heartbeat, Guid.Empty, vitals, toAll: true);
    }

    /// <summary>Subscribes where that has failed, and to what is for this server alone.</summary>
    private void Subscribe()
    {
        if (!_coverage.IsConnected) return;
        foreach (var runId in _feeds.Live.Select(f => f.RunId).Append(_members.Self))
        {
            if (!_coverage.IsSubscribed(runId)) _ = _news.BeginAsync(runId).AsTask();
        }
    }

    [LoggerMessage(LogLevel.Information, "Another server is gone: {Server}.")]
    private partial void LogGone(Guid server);
}
