using System.Diagnostics.CodeAnalysis;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Store;

/// <summary>
/// States of runs as they were, lately asked for. The past of a log never changes, so who looks at what others have looked at costs no
/// reading of events, and who looks a little further on costs little. The longest unused goes when there is no more room, and all goes
/// that has not been used for a while.
/// </summary>
internal sealed class KnownStates : IDisposable
{
    /// <summary>For all runs together, in bytes: every state of a run of 1,000 events, unless its state is larger than 32 KB.</summary>
    public const int Room = 32 * 1024 * 1024;

    /// <summary>What an entry weighs beside its JSON.</summary>
    private const int Weight = 200;

    private static readonly TimeSpan UnusedFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, KnownRun> _runs = new(KeyedGuids.Instance);
    private readonly LinkedList<Entry> _byUse = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private long _bytes;

    public KnownStates(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), state: null, UnusedFor / 2, UnusedFor / 2);
    }

    /// <summary>What they weigh together.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    public void Dispose() => _sweep.Dispose();

    /// <summary>The state after an event, if it is known.</summary>
    public byte[]? Find(Guid runId, Guid epoch, long sequence)
    {
        lock (_gate) return TryFind(runId, epoch, out var run) && run.States.TryGetValue(sequence, out var entry) ? Use(entry) : null;
    }

    /// <summary>The newest state before an event, if one is known.</summary>
    public (long Sequence, byte[] State)? FindBefore(Guid runId, Guid epoch, long sequence)
    {
        lock (_gate)
        {
            if (!TryFind(runId, epoch, out var run) || run.Sequences.Min > sequence) return null;
            var before = run.Sequences.GetViewBetween(long.MinValue, sequence).Max;
            return (before, Use(run.States[before]));
        }
    }

    /// <summary>Remembers the state after an event.</summary>
    public void Keep(Guid runId, Guid epoch, long sequence, byte[] state)
    {
        // One that takes a good part of the room would cost the others theirs.
        if (state.Length > Room / 8) return;
        lock (_gate)
        {
            if (_runs.TryGetValue(runId, out var other) && other.Epoch != epoch) Forget(other);
            if (!_runs.TryGetValue(runId, out var run)) _runs[runId] = run = new(runId, epoch);
            if (run.States.ContainsKey(sequence)) return;
            var entry = _byUse.AddFirst(new Entry(run, sequence, state) { UsedAt = _time.GetTimestamp() });
            run.States.Add(sequence, entry);
            run.Sequences.Add(sequence);
            _bytes += entry.Value.Bytes;
            while (_bytes > Room) Remove(_byUse.Last!);
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            while (_byUse.Last is { } last && _time.GetElapsedTime(last.Value.UsedAt) >= UnusedFor) Remove(last);
        }
    }

    /// <summary>A run that was erased has another past.</summary>
    private bool TryFind(Guid runId, Guid epoch, [NotNullWhen(true)] out KnownRun? run) =>
        _runs.TryGetValue(runId, out run) && run.Epoch == epoch;

    private byte[] Use(LinkedListNode<Entry> entry)
    {
        entry.Value.UsedAt = _time.GetTimestamp();
        _byUse.Remove(entry);
        _byUse.AddFirst(entry);
        return entry.Value.State;
    }

    private void Forget(KnownRun run)
    {
        foreach (var entry in run.States.Values.ToArray()) Remove(entry);
    }

    private void Remove(LinkedListNode<Entry> entry)
    {
        var (run, sequence) = (entry.Value.Run, entry.Value.Sequence);
        _byUse.Remove(entry);
        _bytes -= entry.Value.Bytes;
        run.States.Remove(sequence);
        run.Sequences.Remove(sequence);
        if (run.States.Count == 0) _runs.Remove(run.RunId);
    }

    private sealed class KnownRun(Guid runId, Guid epoch)
    {
        public Guid RunId => runId;

        public Guid Epoch => epoch;

        public Dictionary<long, LinkedListNode<Entry>> States { get; } = [];

        /// <summary>In order.</summary>
        public SortedSet<long> Sequences { get; } = [];
    }

    private sealed class Entry(KnownRun run, long sequence, byte[] state)
    {
        public KnownRun Run => run;

        public long Sequence => sequence;

        public byte[] State => state;

        public long Bytes => state.Length + Weight;

        public long UsedAt { get; set; }
    }
}
