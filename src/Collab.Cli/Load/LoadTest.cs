using System.Diagnostics;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;

namespace Collab.Cli.Load;

/// <summary>Carries out a plan: connects all clients, has them publish, waits for what is under way, and draws up the report.</summary>
internal sealed class LoadTest
{
    private readonly LoadPlan _plan;
    private readonly Target _target;
    private readonly Figures _figures = new();
    private readonly LoadClient[] _clients;
    private readonly LoadRun[] _runs;

    public LoadTest(LoadPlan plan, Target target)
    {
        (_plan, _target) = (plan, target);
        _runs = [.. plan.Runs.Select(id => new LoadRun(id))];
        var isEachAnother = target.Tokens.CanBeAnybody;
        _clients =
        [
            .. Enumerable.Range(0, plan.Clients)
                .Select(i => new LoadClient(target, isEachAnother ? i + 1 : null, _runs[i % _runs.Length], _figures)),
        ];
    }

    /// <summary>Runs it to its end, or until it is stopped; what was published is waited for either way.</summary>
    public async Task<LoadReport> RunAsync(CancellationToken stop)
    {
        try
        {
            await ConnectAsync(stop);
            using var ended = new CancellationTokenSource();
            var progress = new Progress(_figures).PrintAsync(ended.Token);
            var startedAt = Stopwatch.GetTimestamp();
            await PublishAsync(startedAt, stop);
            var took = Stopwatch.GetElapsedTime(startedAt);
            await SettleAsync();
            await ended.CancelAsync();
            await progress;
            var polling = _clients.Count(client => client.Snapshot.UsingFallback);
            var reconnections = _clients.Sum(client => client.Snapshot.Health.ReconnectionCount);
            // Only what nobody knows the fate of is still under way: now it is counted as that.
            await DisconnectAsync();
            return Report(took, polling, reconnections);
        }
        finally
        {
            await DisconnectAsync();
        }
    }

    private async Task ConnectAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_target.Timeout);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            await Task.WhenAll(_clients.Select(client => client.ConnectAsync(end.Token)));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var connected = _clients.Count(client => client.Snapshot.IsConnected);
            throw connected == 0
                ? _target.NotReached()
                : new NotInTimeException(
                    $"Only {connected} of {_clients.Length} clients were connected within "
                    + $"{Duration.Text(_target.Timeout)}{_target.Why.Clause}.");
        }
        Terminal.Error.WriteLine($"{_clients.Length} clients are connected to {_runs.Length} {(_runs.Length == 1 ? "run" : "runs")}");
    }

    /// <summary>
    /// Publishes each event when it is due, whether or not the server keeps up: how long it then takes is what is to be found out.
    /// </summary>
    private async Task PublishAsync(long startedAt, CancellationToken stop)
    {
        var around = """{"stepId":"load","note":""}""".Length;
        var data = JsonSerializer.SerializeToElement(new { stepId = "load", note = new string('x', _plan.Payload - around) });
        for (var i = 0L; i < _plan.Events; i++)
        {
            var wait = _plan.DueAt(i) - Stopwatch.GetElapsedTime(startedAt);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            _clients[i % _clients.Length].Publish(data);
        }
    }

    private async Task SettleAsync()
    {
        using var timeUp = new CancellationTokenSource(_target.Timeout);
        var settled = await Task.WhenAll(_clients.Select(client => client.SettleAsync(timeUp.Token)));
        if (settled.Contains(false)) return;
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (_clients.Any(client => client.Receipts.Missing > 0) && !timeUp.IsCancellationRequested)
            await again.WaitForNextTickAsync(CancellationToken.None);
    }

    private Task DisconnectAsync() => Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));

    private LoadReport Report(TimeSpan took, int polling, int reconnections) => new()
    {
        Runs = _runs.Length,
        Clients = _clients.Length,
        Seconds = Math.Round(took.TotalSeconds, 3),
        PayloadBytes = _plan.Payload,
        WantedPerSecond = _plan.Rate,
        Published = _figures.Published,
        Acknowledged = _figures.Acknowledged,
        Delivered = _figures.Delivered,
        ExpectedDeliveries = _clients.Index().Sum(client => _runs[client.Index % _runs.Length].Acknowledged.Count),
        AcknowledgedMs = LatencyReport.Of(_figures.ToAcknowledgement),
        DeliveredMs = LatencyReport.Of(_figures.ToDelivery),
        RateLimitedRetries = _figures.RateLimited,
        Refused = new SortedDictionary<string, long>(_figures.Refused),
        Polling = polling,
        Reconnections = reconnections,
        Missing = _clients.Sum(client => client.Receipts.Missing),
        Repeated = _clients.Sum(client => client.Receipts.Repeated),
        OutOfOrder = _clients.Sum(client => client.Receipts.OutOfOrder),
    };
}
