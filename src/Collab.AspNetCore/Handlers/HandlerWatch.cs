using Collab.AspNetCore.Store;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Handlers;

/// <summary>
/// What is done about handlers as time passes: the lease is renewed, what nobody handles is found, and it is seen how the handlers stand.
/// </summary>
internal sealed partial class HandlerWatch(
    Handler[] handlers, IHandlerStore store, HandlerLease lease, Action<Handler, Guid> due, TimeProvider time, ILogger logger)
{
    private const int SweptAtOnce = 1000;
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1);

    private IReadOnlyList<HandlerStanding> _standings = [.. handlers.Select(h => new HandlerStanding(h.Name, 0, 0, TimeSpan.Zero))];
    private volatile bool _mustSweep = true;

    /// <summary>How the handlers stood a moment ago.</summary>
    public IReadOnlyList<HandlerStanding> Standings => Volatile.Read(ref _standings);

    public async Task RegisterAsync(CancellationToken stoppingToken)
    {
        foreach (var handler in handlers)
            await InsistAsync(async () => await store.RegisterAsync(handler.Name, handler.Options.OnlyNew, stoppingToken), stoppingToken);
    }

    public Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(RenewAsync(stoppingToken), LookAsync(stoppingToken));

    private async Task RenewAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await InsistAsync(async () => _mustSweep |= await lease.RenewAsync(stoppingToken), stoppingToken);
            await Task.Delay(RenewEvery, time, stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        long? sweptAt = null, lookedAt = null;
        while (true)
        {
            if (_mustSweep || IsOver(sweptAt, SweepEvery))
            {
                _mustSweep = false;
                await InsistAsync(() => SweepAsync(stoppingToken), stoppingToken);
                sweptAt = time.GetTimestamp();
            }
            if (IsOver(lookedAt, LookEvery))
            {
                await InsistAsync(() => StandAsync(stoppingToken), stoppingToken);
                lookedAt = time.GetTimestamp();
            }
            await Task.Delay(RenewEvery, time, stoppingToken);
        }
    }

    private bool IsOver(long? since, TimeSpan every) => since is not { } at || time.GetElapsedTime(at) >= every;

    /// <summary>Finds what servers have left behind that died, or never had a handler.</summary>
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        foreach (var handler in handlers)
        {
            await store.RegisterAsync(handler.Name, onlyNew: false, stoppingToken);
            var left = await store.FindWorkAsync(handler.Name, SweptAtOnce, stoppingToken);
            foreach (var run in left) due(handler, run);
            _mustSweep |= left.Count == SweptAtOnce;
        }
    }

    private async Task StandAsync(CancellationToken stoppingToken)
    {
        var all = await store.GetStandingsAsync(stoppingToken);
        Volatile.Write(ref _standings, [.. all.Where(s => Array.Exists(handlers, h => h.Name == s.Handler))]);
    }

    /// <summary>Tries until the store answers.</summary>
    private async Task InsistAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (StoreException e)
            {
                LogAway(e);
                await Task.Delay(Away, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The handlers' positions could not be read or written; it is tried again.")]
    private partial void LogAway(Exception exception);
}
