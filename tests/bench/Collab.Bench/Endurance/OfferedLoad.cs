using System.Diagnostics;
using System.Text;
using Collab.Bench.Load;

namespace Collab.Bench.Endurance;

/// <summary>What publishers were answered in a stretch of time, and after how long.</summary>
internal sealed class Answers
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);

    public Latencies Taken { get; } = new();

    public Latencies Refused { get; } = new();

    public long Acknowledged { get; private set; }

    /// <summary>Refusals by code; one without a code counts as <c>none</c>.</summary>
    public string Codes
    {
        get
        {
            lock (_gate) return _codes.Count == 0 ? "none" : string.Join(", ", _codes.Select(c => FormattableString.Invariant($"{c.Key} {c.Value:N0}")));
        }
    }

    public long Refusals
    {
        get
        {
            lock (_gate) return _codes.Values.Sum();
        }
    }

    public void Acknowledge(long ticks)
    {
        lock (_gate) Acknowledged++;
        Taken.Add(ticks);
    }

    public void Refuse(string code, long ticks)
    {
        lock (_gate) _codes[code] = _codes.GetValueOrDefault(code) + 1;
        Refused.Add(ticks);
    }
}

/// <summary>
/// A connection that publishes at a pace of its own, whatever is answered, as long as not too much is under way; what it could not send for
/// that is counted.
/// </summary>
internal sealed class OfferedLoad(LeanSocket socket, Dialect dialect, Func<Guid> run, int window) : IDisposable
{
    private readonly long[] _sentAt = new long[window * 2];
    private Task _reading = Task.CompletedTask;
    private int _id;
    private int _answered;

    /// <summary>Where answers go from now on.</summary>
    public Answers Answers { get; set; } = new();

    public long HeldBack { get; private set; }

    public bool HasEnded => _reading.IsCompleted;

    private int UnderWay => _id - Volatile.Read(ref _answered);

    public static async Task<OfferedLoad> ConnectAsync(Target target, Func<Guid> run, int window)
    {
        var load = new OfferedLoad(await target.ConnectAsync(32 * 1024), target.Dialect, run, window);
        load._reading = Task.Run(load.ReadAsync);
        return load;
    }

    /// <summary>Sends so many, as far as may be under way.</summary>
    public void Offer(int count)
    {
        var possible = Math.Min(count, window - UnderWay);
        HeldBack += count - Math.Max(0, possible);
        if (possible <= 0) return;
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < possible; i++)
        {
            var id = ++_id;
            _sentAt[id % _sentAt.Length] = now;
            socket.Write(dialect.Publish(run(), id, now));
        }
        socket.Flush();
    }

    /// <summary>Completes when all that was sent is answered.</summary>
    public async Task SettleAsync()
    {
        while (UnderWay > 0 && !HasEnded) await Task.Delay(1);
    }

    public void KeepAlive()
    {
        socket.Write(dialect.KeepAlive);
        socket.Flush();
    }

    public void Dispose() => socket.Dispose();

    private async Task ReadAsync()
    {
        do
        {
            for (var message = socket.Take(); message.Length > 0; message = socket.Take())
            {
                foreach (var range in message.Split((byte)0x1e)) Read(message[range]);
            }
        }
        while (await socket.FillAsync());
    }

    private void Read(ReadOnlySpan<byte> answer)
    {
        var rest = answer;
        if (answer.IndexOf("\"type\":3"u8) < 0 || !Dialect.NextNumber(ref rest, "\"invocationId\":\""u8, out var id)) return;
        var took = Stopwatch.GetTimestamp() - _sentAt[id % _sentAt.Length];
        var error = answer.IndexOf("\"error\":\""u8);
        if (error < 0) Answers.Acknowledge(took);
        else Answers.Refuse(CodeOf(answer[(error + 9)..]), took);
        Interlocked.Increment(ref _answered);
    }

    private static string CodeOf(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)']');
        return text.Length > 0 && text[0] == (byte)'[' && end > 0 ? Encoding.ASCII.GetString(text[1..end]) : "none";
    }
}

/// <summary>Many connections that together offer a number of publishes a second.</summary>
internal sealed class OfferedLoads : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly List<OfferedLoad> _loads = [];

    public long HeldBack => _loads.Sum(l => l.HeldBack);

    public int Ended => _loads.Count(l => l.HasEnded);

    public static async Task<OfferedLoads> ConnectAsync(Target target, int connections, int window, Func<int, Guid> run)
    {
        var loads = new OfferedLoads();
        for (var n = 0; n < connections; n++)
        {
            var own = n;
            loads._loads.Add(await OfferedLoad.ConnectAsync(target, () => run(own), window));
        }
        return loads;
    }

    /// <summary>Where all answers go from now on.</summary>
    public void Begin(Answers answers)
    {
        foreach (var load in _loads) load.Answers = answers;
    }

    /// <summary>Offers so many a second, evenly, until the time is over.</summary>
    /// <returns>How many were offered, sent or held back.</returns>
    public async Task<long> OfferAsync(double perSecond, TimeSpan duration, CancellationToken stop = default)
    {
        using var timer = new PeriodicTimer(Tick);
        var watch = Stopwatch.StartNew();
        var keptAlive = watch.Elapsed;
        var (offered, next) = (0L, 0);
        while (watch.Elapsed < duration && !stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var due = (long)(perSecond * Math.Min(watch.Elapsed.TotalSeconds, duration.TotalSeconds)) - offered;
            // Some connections send several at each tick, so that the generator costs little.
            var each = (int)Math.Max(1, (due + _loads.Count - 1) / _loads.Count);
            for (; due > 0; due -= each, offered += each) _loads[next++ % _loads.Count].Offer(each);
            if (watch.Elapsed - keptAlive < TimeSpan.FromSeconds(10)) continue;
            keptAlive = watch.Elapsed;
            foreach (var load in _loads) load.KeepAlive();
        }
        return offered;
    }

    public Task SettleAsync() => Task.WhenAll(_loads.Select(l => l.SettleAsync()));

    public ValueTask DisposeAsync()
    {
        foreach (var load in _loads) load.Dispose();
        return ValueTask.CompletedTask;
    }
}
