using System.Diagnostics;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Turns what came into a feed into frames, and offers each frame to every subscriber without waiting for any. It runs on the thread pool, one
/// run at a time per feed; whatever comes in while it runs makes the next frame, so busy feeds batch by themselves.
/// Everything but the sending is done under the feed's lock.
/// </summary>
internal sealed class FeedPump(Guid runId, Lock gate, long maxLagBytes) : IThreadPoolWorkItem
{
    private const int MaxFrameBytes = 64 * 1024;

    private readonly Queue<LoggedEvent> _unframed = new();
    private readonly List<LoggedEvent> _taken = [];
    private Frame _last = Frame.First();
    private int _scheduled;
    private volatile bool _ephemeraToo;
    private Activity? _cause;

    public Ephemera Ephemera { get; } = new();

    /// <summary>Replaced at every change, so that the pump can walk it without the lock.</summary>
    public Subscriber[] Subscribers { get; private set; } = [];

    public void Add(LoggedEvent e)
    {
        if (Subscribers.Length > 0) _unframed.Enqueue(e);
    }

    /// <summary>The subscriber gets every frame from here on.</summary>
    public void Add(Subscriber subscriber)
    {
        subscriber.StartAt(_last);
        Subscribers = [.. Subscribers, subscriber];
    }

    public bool Remove(Subscriber subscriber)
    {
        var before = Subscribers.Length;
        Subscribers = Subscribers.Where(s => s != subscriber).ToArray();
        return Subscribers.Length < before;
    }

    /// <summary>Sends on the critical events that have come in.</summary>
    public void Schedule()
    {
        CollabTracing.Note(ref _cause);
        if (Interlocked.Exchange(ref _scheduled, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Sends on everything that has come in.</summary>
    public void ScheduleAll()
    {
        _ephemeraToo = true;
        Schedule();
    }

    void IThreadPoolWorkItem.Execute()
    {
        using var trace = CollabTracing.StartFanOut(ref _cause, runId);
        do
        {
            while (NextFrame(out var subscribers) is not null) Offer(subscribers);
            Volatile.Write(ref _scheduled, 0);
            Interlocked.MemoryBarrier();
        }
        while (HasWork() && Interlocked.Exchange(ref _scheduled, 1) == 0);
    }

    private bool HasWork()
    {
        lock (gate) return _unframed.Count > 0 || (_ephemeraToo && !Ephemera.IsEmpty);
    }

    private void Offer(Subscriber[] subscribers)
    {
        foreach (var subscriber in subscribers)
        {
            try
            {
                subscriber.Offer();
                if (subscriber.Position!.Behind > maxLagBytes) subscriber.FellBehind();
            }
            catch (Exception)
            {
                // One that fails must not keep the frame from the others, nor end the process from a pool thread.
                subscriber.CutOff(Ending.Failed);
            }
        }
    }

    private Frame? NextFrame(out Subscriber[] subscribers)
    {
        LoggedEvent[] critical = [];
        byte[][] ephemeral;
        bool canBeSkipped;
        lock (gate)
        {
            // First, for it comes only once a tick: behind critical events it might wait for ever.
            ephemeral = TakeEphemeral(out canBeSkipped);
            if (ephemeral.Length == 0) critical = TakeCritical();
            subscribers = Subscribers;
        }
        if (critical.Length + ephemeral.Length == 0 || subscribers.Length == 0) return null;

        var frame = _last.Then(runId, critical, ephemeral, canBeSkipped && critical.Length == 0);
        lock (gate)
        {
            _last.Next = frame;
            _last = frame;
            subscribers = Subscribers;
        }
        return frame;
    }

    private byte[][] TakeEphemeral(out bool canBeSkipped)
    {
        canBeSkipped = false;
        if (!_ephemeraToo) return [];
        if (Ephemera.TakePresence() is { Length: > 0 } presence) return presence;
        canBeSkipped = true;
        _ephemeraToo = false;
        return Ephemera.TakeOthers();
    }

    private LoggedEvent[] TakeCritical()
    {
        _taken.Clear();
        var bytes = 0;
        while (bytes < MaxFrameBytes && _unframed.TryDequeue(out var e))
        {
            _taken.Add(e);
            bytes += e.Json.Length;
        }
        return [.. _taken];
    }
}
