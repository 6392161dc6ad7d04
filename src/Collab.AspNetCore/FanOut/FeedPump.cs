using System.Diagnostics;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Turns what came into a feed into frames, and offers each frame to every subscriber without waiting for any. It runs on the thread pool,
/// one run at a time per feed; whatever comes in while it runs makes the next frame, so busy feeds batch by themselves. Everything but the
/// sending is done under the feed's lock.
/// </summary>
internal sealed class FeedPump(Guid runId, Lock gate, long maxLagBytes, Fingerprints fingerprints) : IThreadPoolWorkItem
{
    private const int MaxFrameBytes = 64 * 1024;

    private readonly Queue<LoggedEvent> _unframed = new();
    private readonly List<LoggedEvent> _taken = [];
    private readonly List<Subscriber> _behind = [];
    private Frame _last = Frame.First();
    private bool _isFraming;
    private int _scheduled;
    private volatile bool _ephemeraToo;
    private Activity? _cause;

    public Ephemera Ephemera { get; } = new();

    /// <summary>Replaced at every change, so that the pump can walk it without the lock.</summary>
    public Subscriber[] Subscribers { get; private set; } = [];

    /// <summary>The last event that is in the chain, or that no subscriber needed there.</summary>
    public long Framed { get; private set; }

    public void Add(LoggedEvent e)
    {
        if (Subscribers.Length > 0 || _unframed.Count > 0 || _isFraming) _unframed.Enqueue(e);
        else Framed = e.Sequence;
    }

    /// <summary>The kept events of a first load: there is no follower yet.</summary>
    public void StartAfter(long sequence) => Framed = Math.Max(Framed, sequence);

    /// <summary>The subscriber gets every frame from here on.</summary>
    public void Add(Subscriber subscriber)
    {
        subscriber.StartAt(_last);
        Subscribers = [.. Subscribers, subscriber];
    }

    /// <summary>The subscriber has the events up to one, and gets all after it, each once.</summary>
    public void Add(Subscriber subscriber, long sent)
    {
        if (sent == Framed)
        {
            Add(subscriber);
            return;
        }
        subscriber.StartBehind(sent);
        _behind.Add(subscriber);
        Subscribers = [.. Subscribers, subscriber];
    }

    /// <summary>Gives a subscriber its place in the chain if it has all that is in it.</summary>
    public void PlaceIfCaughtUp(Subscriber subscriber)
    {
        // What its answer had may still be on its way into the chain; it would come a second time.
        if (subscriber.Backlog is not { IsEmpty: true } backlog || backlog.Sent != Framed) return;
        _behind.Remove(subscriber);
        subscriber.StartAt(_last);
    }

    public bool Remove(Subscriber subscriber)
    {
        var before = Subscribers.Length;
        Subscribers = Subscribers.Where(s => s != subscriber).ToArray();
        _behind.Remove(subscriber);
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
                if (subscriber.Lag > maxLagBytes) subscriber.FellBehind();
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
        string[] users;
        LazyFingerprint? fingerprint = null;
        lock (gate)
        {
            // First, for it comes only once a tick: behind critical events it might wait for ever.
            ephemeral = TakeEphemeral(out canBeSkipped, out users);
            if (ephemeral.Length == 0) critical = TakeCritical();
            subscribers = Subscribers;
            _isFraming = critical.Length > 0 && subscribers.Length > 0;
            if (_isFraming && fingerprints.TakeDue() && Array.Exists(subscribers, s => s.WantsFingerprints))
                fingerprint = fingerprints.Now();
            if (critical.Length > 0 && !_isFraming) Framed = critical[^1].Sequence;
        }
        if (critical.Length + ephemeral.Length == 0 || subscribers.Length == 0) return null;

        var frame = _last.Then(runId, critical, ephemeral, canBeSkipped && critical.Length == 0, users, fingerprint?.Value);
        lock (gate)
        {
            _last.Next = frame;
            _last = frame;
            foreach (var subscriber in _behind) subscriber.Backlog!.Pass(frame);
            if (_isFraming) Framed = critical[^1].Sequence;
            _isFraming = false;
            subscribers = Subscribers;
        }
        return frame;
    }

    private byte[][] TakeEphemeral(out bool canBeSkipped, out string[] users)
    {
        (canBeSkipped, users) = (false, []);
        if (!_ephemeraToo) return [];
        if (Ephemera.TakePresence(out users) is { Length: > 0 } presence) return presence;
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
