using System.Collections.Concurrent;
using System.Diagnostics;
using Collab.Protocol;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>One publish of a <see cref="Load"/>, counted from 0: when it was asked for, and when acknowledged.</summary>
internal readonly record struct Published(int Number, Guid RunId, PublishAck Ack, long AskedAt, long AckedAt)
{
    public double AckMs => Stopwatch.GetElapsedTime(AskedAt, AckedAt).TotalMilliseconds;
}

/// <summary>Publishes at a steady rate, whatever becomes of the publishes before, and keeps every acknowledgement.</summary>
internal sealed class Load
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<Published> _published = new();
    private readonly ConcurrentBag<Task> _underWay = [];
    private readonly ConcurrentBag<Exception> _failures = [];
    private readonly Task _running;
    private volatile bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="perSecond">How many a second.</param>
    /// <param name="runs">Which run is published to, in turn.</param>
    /// <param name="publishAsync">Publishes one event to a run.</param>
    /// <param name="every">What is due in such a time is published at once; null: in 20 ms.</param>
    public Load(int perSecond, IReadOnlyList<Guid> runs, Func<Guid, int, Task<PublishAck>> publishAsync, TimeSpan? every = null) =>
        _running = Task.Run(() => RunAsync(perSecond, runs, publishAsync, every ?? Usual));

    /// <summary>All that was acknowledged so far.</summary>
    public Published[] All => [.. _published];

    public IReadOnlyCollection<Exception> Failures => _failures;

    public PublishAck[] Of(Guid runId) => [.. _published.Where(p => p.RunId == runId).Select(p => p.Ack)];

    /// <summary>Ends, and waits for the last acknowledgement.</summary>
    public async Task StopAsync()
    {
        _isOver = true;
        await _running;
        await Task.WhenAll(_underWay);
    }

    private async Task RunAsync(int perSecond, IReadOnlyList<Guid> runs, Func<Guid, int, Task<PublishAck>> publishAsync, TimeSpan every)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(every);
        for (var sent = 0; !_isOver;)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * perSecond); sent < due; sent++)
                _underWay.Add(PublishAsync(runs[sent % runs.Count], sent, publishAsync));
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task PublishAsync(Guid runId, int number, Func<Guid, int, Task<PublishAck>> publishAsync)
    {
        var askedAt = Stopwatch.GetTimestamp();
        try
        {
            var ack = await publishAsync(runId, number);
            _published.Enqueue(new(number, runId, ack, askedAt, Stopwatch.GetTimestamp()));
        }
        catch (Exception e)
        {
            _failures.Add(e);
        }
    }
}
