using System.Threading.Channels;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// What this server tells the others, in order and without waiting for anybody: a queue with a bound, and one loop that makes one message
/// of all that came in for a run meanwhile. What has no room is dropped, events' bytes before their numbers; the numbers go out again every
/// second.
/// </summary>
internal sealed class Outbound(ICollabBus bus, Members members, byte[]? key, BusMetrics metrics, TimeProvider time)
{
    private const int Capacity = 32_768;

    /// <summary>With more in the queue than this, others read the events themselves.</summary>
    private const int Crowded = 8_192;
    private const int AtOnce = 512;
    private const int MaxEventBytes = 64 * 1024;

    private readonly Channel<News> _queue = Channel.CreateBounded<News>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Dictionary<Guid, EventRow> _rows = new(KeyedGuids.Instance);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Dictionary<Guid, (Guid Epoch, long Last)> _written = new(KeyedGuids.Instance);

    /// <summary>Events that this server has committed.</summary>
    public void Add(ReadOnlySpan<Commit> commits)
    {
        foreach (var commit in commits)
        {
            if (!_queue.Writer.TryWrite(new(commit, null, null))) metrics.Dropped();
        }
        lock (_gate)
        {
            foreach (var commit in commits) _written[commit.RunId] = (commit.Epoch, commit.Event.Sequence);
        }
    }

    /// <summary>Anything else.</summary>
    /// <param name="kind">What it tells.</param>
    /// <param name="runId">About which run.</param>
    /// <param name="body">What it tells of it.</param>
    /// <param name="toAll">Whether all servers are told, and not only those where the run is active.</param>
    /// <param name="first">The version of what it tells.</param>
    /// <param name="count">Of how many it tells.</param>
    /// <param name="epoch">Which question it asks or answers.</param>
    public void Add(
        NewsKind kind, Guid runId, ReadOnlySpan<byte> body, bool toAll, long first = 0, int count = 0, Guid epoch = default)
    {
        var message = Write(kind, runId, epoch, first, count, body);
        // Of two that have no room, one of presence is told again in a while.
        if (message.Length > bus.MaxMessageBytes || !_queue.Writer.TryWrite(new(default, toAll ? null : runId, message))) metrics.Dropped();
    }

    /// <summary>This server has begun a run's log, and not event by event: told at once, and once more with the other positions.</summary>
    public void Began(Position position)
    {
        lock (_gate) _written.TryAdd(position.RunId, (position.Epoch, position.Number));
        TellRows(NewsKind.Positions, [position]);
    }

    /// <summary>Takes nothing any more, and waits until what is queued is sent, or a time has passed.</summary>
    public Task EndAsync(TimeSpan limit)
    {
        _queue.Writer.TryComplete();
        return Task.WhenAny(_ended.Task, Task.Delay(limit, time, CancellationToken.None));
    }

    /// <summary>Sends until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            for (var taken = 0; taken < AtOnce && _queue.Reader.TryRead(out var news); taken++)
            {
                if (news.Message is null) Collect(news.Commit);
                else
                {
                    // In order: what a run's events come before.
                    Flush();
                    Publish(news.RunId, news.Message);
                }
            }
            Flush();
        }
        _ended.TrySetResult();
    }

    /// <summary>Sends a last message past the queue.</summary>
    public void SendLast(NewsKind kind) => Publish(runId: null, Write(kind, Guid.Empty, Guid.Empty, 0, 0, []));

    /// <summary>Tells how far the runs are that were written to since the last time.</summary>
    public void TellPositions()
    {
        Dictionary<Guid, (Guid Epoch, long Last)> written;
        lock (_gate)
        {
            if (_written.Count == 0) return;
            (written, _written) = (_written, new(KeyedGuids.Instance));
        }
        TellRows(NewsKind.Positions, written.Select(w => new Position(w.Key, w.Value.Epoch, w.Value.Last)));
    }

    /// <summary>Tells something that has a number for each of many runs, in as many messages as it takes.</summary>
    public void TellRows(NewsKind kind, IEnumerable<Position> rows)
    {
        var room = Envelope.RoomOn(bus) / Position.Bytes;
        foreach (var some in rows.Chunk(Math.Min(room, 1000)))
            Publish(runId: null, Write(kind, Guid.Empty, Guid.Empty, 0, some.Length, Position.Write(some)));
    }

    private void Collect(in Commit commit)
    {
        var (runId, epoch, e) = commit;
        if (!_rows.TryGetValue(runId, out var row)) _rows.Add(runId, row = new());
        if (!row.Follows(epoch, e.Sequence) || row.Bytes.WrittenCount + e.Json.Length > MaxEventBytes)
        {
            Flush(runId, row);
            row.Begin(epoch, e.Sequence);
        }
        row.Add(e.Json, withBytes: _queue.Reader.Count < Crowded);
    }

    private void Flush()
    {
        if (_rows.Count == 0) return;
        foreach (var (runId, row) in _rows) Flush(runId, row);
        _rows.Clear();
    }

    private void Flush(Guid runId, EventRow row)
    {
        if (row.Count == 0) return;
        ReadOnlySpan<byte> body = row.HasAll && row.Bytes.WrittenCount <= Envelope.RoomOn(bus) ? row.Bytes.WrittenSpan : [];
        Publish(runId, Write(NewsKind.Events, runId, row.Epoch, row.First, row.Count, body));
        row.Clear();
    }

    private byte[] Write(NewsKind kind, Guid runId, Guid epoch, long first, int count, ReadOnlySpan<byte> body) => new Envelope
    {
        Kind = kind,
        Sender = members.Self,
        RunId = runId,
        Epoch = epoch,
        First = first,
        Count = count,
        SentAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        Body = body,
    }.ToMessage(key);

    private void Publish(Guid? runId, byte[] message)
    {
        if (bus.TryPublish(runId, message)) metrics.Published();
        else metrics.Dropped();
    }

    private readonly record struct News(Commit Commit, Guid? RunId, byte[]? Message);
}
