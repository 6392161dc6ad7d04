using Collab.AspNetCore;
using Collab.AspNetCore.Cluster;

namespace Collab.UnitTests.Cluster;

/// <summary>
/// What lies between the servers of a test: it loses, delays, doubles and so reorders messages as its seed says, and can be cut off.
/// </summary>
internal sealed class LossyNetwork(int seed, TimeProvider time)
{
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(LossyBus To, ReadOnlyMemory<byte> Message), (long At, long Number)> _underWay = new();
    private readonly List<LossyBus> _buses = [];
    private long _number;

    /// <summary>How many of 100 messages are lost, and how many come twice.</summary>
    public (int Lost, int Doubled) Percent { get; set; }

    /// <summary>How long a message is under way: less than this, at random. With 1 they stay in order.</summary>
    public int MaxDelayMs { get; init; } = 80;

    /// <summary>How many messages were really lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Whether there is anything to deliver, now or later.</summary>
    public bool IsUnderWay
    {
        get
        {
            lock (_gate) return _underWay.Count > 0;
        }
    }

    public LossyBus NewBus()
    {
        var bus = new LossyBus(this);
        lock (_gate) _buses.Add(bus);
        return bus;
    }

    public void Remove(LossyBus bus)
    {
        lock (_gate) _buses.Remove(bus);
    }

    public void Send(LossyBus from, Guid? runId, ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (from.IsCut) return;
            foreach (var to in _buses.Where(b => !b.IsCut && (runId is not { } run || b.HasSubscribed(run))))
            {
                if (_random.Next(100) < Percent.Lost)
                {
                    Lost++;
                    continue;
                }
                for (var copies = _random.Next(100) < Percent.Doubled ? 2 : 1; copies > 0; copies--)
                {
                    var at = time.GetTimestamp() + TimeSpan.FromMilliseconds(_random.Next(MaxDelayMs)).Ticks;
                    _underWay.Enqueue((to, message), (at, _number++));
                }
            }
        }
    }

    /// <summary>Hands over what is due.</summary>
    public void Deliver()
    {
        var due = new List<(LossyBus To, ReadOnlyMemory<byte> Message)>();
        lock (_gate)
        {
            while (_underWay.TryPeek(out var next, out var when) && when.At <= time.GetTimestamp())
            {
                _underWay.Dequeue();
                due.Add(next);
            }
        }
        foreach (var (to, message) in due) to.Receive(message);
    }
}

/// <summary>One server's end of a <see cref="LossyNetwork"/>.</summary>
internal sealed class LossyBus(LossyNetwork network) : ICollabBus
{
    private readonly HashSet<Guid> _subscribed = [];
    private readonly Dictionary<NewsKind, int> _sent = [];
    private ICollabBusReceiver? _receiver;
    private volatile bool _isCut;

    public string Name => "lossy";

    public int MaxMessageBytes => 5_000;

    /// <summary>Whether nothing comes and nothing goes.</summary>
    public bool IsCut => _isCut;

    public async Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping)
    {
        _receiver = receiver;
        receiver.StateChanged(isConnected: true);
        await Task.Delay(Timeout.Infinite, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        network.Remove(this);
    }

    /// <summary>How many messages of a kind it was given to send.</summary>
    public int Sent(NewsKind kind)
    {
        lock (_sent) return _sent.GetValueOrDefault(kind);
    }

    public bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message)
    {
        if (Envelope.TryRead(message.Span, key: null, out var envelope))
        {
            lock (_sent) _sent[envelope.Kind] = _sent.GetValueOrDefault(envelope.Kind) + 1;
        }
        network.Send(this, runId, message);
        return !_isCut;
    }

    public ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken)
    {
        lock (_subscribed) _subscribed.Add(runId);
        return default;
    }

    public void Unsubscribe(Guid runId)
    {
        lock (_subscribed) _subscribed.Remove(runId);
    }

    public bool HasSubscribed(Guid runId)
    {
        lock (_subscribed) return _subscribed.Contains(runId);
    }

    /// <summary>Cuts it off, or connects it again.</summary>
    public void Cut(bool isCut)
    {
        _isCut = isCut;
        _receiver?.StateChanged(!isCut);
    }

    public void Receive(ReadOnlyMemory<byte> message)
    {
        if (!_isCut) _receiver?.Received(message);
    }

    public ValueTask DisposeAsync() => default;
}
