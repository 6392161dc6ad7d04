using System.Diagnostics;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// When the queue is half full, connections that have much in it are not read on for a while, in the order in which they come back for
/// more. What they send stays with them, which costs the server nothing; to read it only to refuse it would cost as much as to take it, and
/// what is taken would become less and less. Those who send a little are read at once, however full it is.
/// </summary>
/// <param name="capacity">How many events the queue has room for.</param>
/// <param name="time">The clock of the waits.</param>
internal sealed class Backpressure(int capacity, TimeProvider time)
{
    /// <summary>How much a connection that is read on may bring: as much as it may have under way.</summary>
    public const int Share = 64;

    /// <summary>A connection with fewer events on the way is read on: it says little, or is on its own.</summary>
    private const int Little = 8;

    /// <summary>None waits longer: a connection also says that it lives, and leaves.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly LinkedList<ConnectionFlow> _waiting = new();
    private readonly int _enough = Math.Max(1, capacity / 2);
    private int _letIn;
    private volatile int _waitingCount;
    private int _pending;

    /// <summary>Events that wait for their commit.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Connections that are not read on.</summary>
    public int Waiting => _waitingCount;

    /// <summary>Events are about to wait.</summary>
    /// <returns>How many wait now.</returns>
    public int Add(int count) => Interlocked.Add(ref _pending, count);

    /// <summary>Events wait no longer.</summary>
    public void Done(int count)
    {
        Interlocked.Add(ref _pending, -count);
        if (_waitingCount == 0) return;
        lock (_gate) Admit();
    }

    /// <summary>A connection is about to be read on.</summary>
    /// <param name="flow">What it has under way.</param>
    /// <returns>When it may be: mostly at once.</returns>
    public Task Enter(ConnectionFlow flow)
    {
        if (flow.HasShare) Leave(flow);
        var wasRefused = flow.TakeRefused();
        if (Pending < _enough && _waitingCount == 0) return Task.CompletedTask;
        if (flow.UnderWay < Little && !wasRefused) return Task.CompletedTask;
        lock (_gate)
        {
            if (HasRoom && _waiting.Count == 0) return Task.CompletedTask;
            flow.Turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.AddLast(flow.Place);
            _waitingCount = _waiting.Count;
            return WaitAsync(flow, flow.Turn.Task);
        }
    }

    /// <summary>A connection does not wait any longer, or has brought nothing when it was its turn.</summary>
    public void Leave(ConnectionFlow flow)
    {
        lock (_gate)
        {
            if (flow.Place.List is not null)
            {
                _waiting.Remove(flow.Place);
                flow.Turn!.TrySetResult();
            }
            GiveBack(flow);
        }
    }

    private bool HasRoom => _letIn == 0 ? Pending < _enough : Pending + (_letIn * Share) < _enough;

    private async Task WaitAsync(ConnectionFlow flow, Task turn)
    {
        try
        {
            await turn.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            Leave(flow);
        }
    }

    /// <summary>What it may bring counts as if it were there, until it comes back and has brought it.</summary>
    private void Admit()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        while (_waiting.First is { Value: var flow } && HasRoom)
        {
            _waiting.RemoveFirst();
            _letIn++;
            flow.HasShare = true;
            flow.Turn!.TrySetResult();
        }
        _waitingCount = _waiting.Count;
    }

    private void GiveBack(ConnectionFlow flow)
    {
        if (flow.HasShare) _letIn--;
        flow.HasShare = false;
        Admit();
    }
}

/// <summary>What one connection has on its way into the log.</summary>
internal sealed class ConnectionFlow
{
    private int _underWay;
    private int _refused;

    public ConnectionFlow() => Place = new(this);

    /// <summary>Events that are not answered yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    internal LinkedListNode<ConnectionFlow> Place { get; }

    internal TaskCompletionSource? Turn { get; set; }

    internal bool HasShare { get; set; }

    public void Begin(int events) => Interlocked.Add(ref _underWay, events);

    public void End(int events) => Interlocked.Add(ref _underWay, -events);

    /// <summary>An event found no room.</summary>
    public void Refused() => Volatile.Write(ref _refused, 1);

    internal bool TakeRefused() => Interlocked.Exchange(ref _refused, 0) == 1;
}
