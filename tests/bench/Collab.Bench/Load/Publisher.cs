using System.Diagnostics;

namespace Collab.Bench.Load;

/// <summary>A connection that keeps so many publishes under way, and sends one more for each that is acknowledged.</summary>
internal sealed class Publisher(LeanSocket socket, Dialect dialect, Guid[] runIds, int window) : IDisposable
{
    private int _id = 1;
    private int _owed;
    private volatile bool _isStopped;
    private volatile bool _isPaused;

    public long Acknowledged { get; private set; }

    public long Refused { get; private set; }

    public static async Task<Publisher> ConnectAsync(Target target, Guid[] runIds, int window) =>
        new(await target.ConnectAsync(16 * 1024), target.Dialect, runIds, window);

    public async Task RunAsync()
    {
        Send(window);
        while (await socket.FillAsync())
        {
            var done = 0;
            for (var message = socket.Take(); message.Length > 0; message = socket.Take())
            {
                done += dialect.CountAcknowledgements(message, out var refused) + refused;
                Refused += refused;
            }
            Acknowledged += done;
            if (_isStopped)
            {
                if (Acknowledged >= _id - 1) return;
                continue;
            }
            if (_isPaused) Interlocked.Add(ref _owed, done);
            else if (window > 0) Send(done);
        }
    }

    /// <summary>Sends nothing more; <see cref="RunAsync"/> ends when all that was sent is acknowledged.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>Sends nothing more for now.</summary>
    /// <returns>Completes when all that was sent is acknowledged.</returns>
    public async Task PauseAsync()
    {
        _isPaused = true;
        while (Volatile.Read(ref _owed) < window) await Task.Delay(1);
    }

    /// <summary>Lets publishers that rest work for a while.</summary>
    /// <returns>Completes when all that was sent is acknowledged.</returns>
    public static async Task WorkAsync(IReadOnlyList<Publisher> publishers, TimeSpan duration)
    {
        foreach (var publisher in publishers) publisher.Resume();
        await Task.Delay(duration);
        await PauseAsync(publishers);
    }

    public static Task PauseAsync(IReadOnlyList<Publisher> publishers) => Task.WhenAll(publishers.Select(p => p.PauseAsync()));

    /// <summary>Goes on after <see cref="PauseAsync()"/>.</summary>
    public void Resume()
    {
        _isPaused = false;
        Send(Interlocked.Exchange(ref _owed, 0));
    }

    /// <summary>Sends what keeps the connection open.</summary>
    public void KeepAlive()
    {
        socket.Write(dialect.KeepAlive);
        socket.Flush();
    }

    public void Send(int count)
    {
        for (var i = 0; i < count; i++) socket.Write(dialect.Publish(runIds[_id % runIds.Length], _id++, Stopwatch.GetTimestamp()));
        socket.Flush();
    }

    public void Dispose() => socket.Dispose();
}
