using System.Diagnostics;

namespace Collab.Bench.Load;

/// <summary>A connection that has joined a run, counts what it gets, and notes every number that is not the next one.</summary>
internal sealed class Follower(LeanSocket socket, Latencies? latencies) : IDisposable
{
    private long _last;
    private volatile bool _isPaused;

    public long Received { get; private set; }

    /// <summary>Messages that the events came in.</summary>
    public long Messages { get; private set; }

    /// <summary>Events with a number below the one before.</summary>
    public long Inversions { get; private set; }

    /// <summary>Events with a number that skips some.</summary>
    public long Gaps { get; private set; }

    /// <summary>Whether the connection ended by itself.</summary>
    public bool HasEnded { get; private set; }

    public static async Task<Follower> JoinAsync(Target target, Guid runId, Latencies? latencies = null, int bufferSize = 32 * 1024)
    {
        var socket = await target.ConnectAsync(bufferSize);
        socket.Write(target.Dialect.Join(runId));
        socket.Flush();
        var follower = new Follower(socket, latencies);
        while (true)
        {
            var message = socket.Take();
            if (message.Length == 0)
            {
                if (!await socket.FillAsync()) throw new EndOfStreamException("The server closed the connection.");
            }
            else if (target.Dialect.IsJoinAnswer(message))
            {
                // Behind the events stands the state, with numbers of its own.
                var state = message.IndexOf("\"lastSequence\":"u8);
                follower.Count(state < 0 ? message : message[..state]);
                follower.Received = 0;
                return follower;
            }
        }
    }

    /// <summary>Sends what keeps the connection open.</summary>
    public void KeepAlive(Dialect dialect)
    {
        socket.Write(dialect.KeepAlive);
        socket.Flush();
    }

    /// <summary>Stops reading: the way of a browser tab that hangs.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Whether the server has closed a connection that nobody reads: once what is in the buffers is read, there is an end.</summary>
    public bool WasCutOff() => socket.IsClosedByPeer();

    public async Task RunAsync()
    {
        while (!_isPaused)
        {
            for (var message = socket.Take(); message.Length > 0; message = socket.Take()) Count(message);
            if (await socket.FillAsync()) continue;
            HasEnded = true;
            return;
        }
    }

    public void Dispose() => socket.Dispose();

    private void Count(ReadOnlySpan<byte> message)
    {
        var rest = message;
        Messages++;
        while (Dialect.NextNumber(ref rest, "\"sequenceNumber\":"u8, out var sequence))
        {
            Received++;
            if (sequence <= _last) Inversions++;
            else if (sequence > _last + 1 && _last > 0) Gaps++;
            _last = sequence;
        }
        if (latencies is null) return;
        var now = Stopwatch.GetTimestamp();
        rest = message;
        while (Dialect.NextNumber(ref rest, "\"t\":"u8, out var sentAt)) latencies.Add(now - sentAt);
    }
}
