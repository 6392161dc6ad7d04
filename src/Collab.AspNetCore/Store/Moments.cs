using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Sequences of a run after which its state is wanted, as JSON: taken while the events pass by, none of which is kept, and given to those
/// who wait as soon as it is there. Answers that all came at the end would all be written at once, before anything else has its turn.
/// </summary>
internal sealed class Moments(Guid runId, KnownStates known)
{
    /// <summary>How many events are left out at least where a known state is taken up instead, which must be read as well.</summary>
    private const int WorthIt = 8;

    private readonly TaskCompletionSource<(long Folded, long Last)> _range = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> _states = [];
    private long[] _wanted = [];
    private Guid _epoch;
    private int _next;

    /// <summary>The first event after which there is a state, and the last.</summary>
    public Task<(long Folded, long Last)> Range => _range.Task;

    /// <summary>What needs to be read, in order. After <see cref="Found"/>.</summary>
    public IReadOnlyList<Stretch> Stretches { get; private set; } = [];

    /// <summary>The state after an event is wanted. Not at the same time as anything else, and not after <see cref="Begin"/>.</summary>
    public Task<byte[]> Want(long sequence)
    {
        if (!_states.TryGetValue(sequence, out var state))
            _states[sequence] = state = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return state.Task;
    }

    /// <summary>No more are wanted.</summary>
    public void Begin() => _wanted = [.. _states.Keys.Order()];

    /// <summary>The run was found, as it stands at one moment. What is known of it is given at once.</summary>
    /// <param name="epoch">That of its log.</param>
    /// <param name="folded">The event after which the store has its state; those from there on are kept.</param>
    /// <param name="last">Its last event.</param>
    public void Found(Guid epoch, long folded, long last)
    {
        _epoch = epoch;
        var unknown = new List<long>();
        foreach (var sequence in _wanted)
        {
            // Out of range: who asked is told so, and nothing needs to be read for it.
            var state = sequence < folded || sequence > last ? [] : known.Find(runId, epoch, sequence);
            if (state is null) unknown.Add(sequence);
            else _states[sequence].SetResult(state);
        }
        _wanted = [.. unknown];
        Stretches = StretchesFrom(folded);
        _range.TrySetResult((folded, last));
    }

    private List<Stretch> StretchesFrom(long folded)
    {
        var stretches = new List<Stretch>();
        var at = folded;
        foreach (var sequence in _wanted)
        {
            var before = known.FindBefore(runId, _epoch, sequence);
            if (before is { } start && start.Sequence >= at + WorthIt) stretches.Add(new(start.State, start.Sequence, sequence));
            else if (stretches.Count > 0) stretches[^1] = stretches[^1] with { UpTo = sequence };
            else stretches.Add(new(Start: null, folded, sequence));
            at = sequence;
        }
        return stretches;
    }

    /// <summary>The event is about to be folded in, or would be the next.</summary>
    public void Before(long sequence, StateFold state)
    {
        for (; _next < _wanted.Length && _wanted[_next] < sequence; _next++)
        {
            var json = state.ToJson();
            known.Keep(runId, _epoch, _wanted[_next], json);
            _states[_wanted[_next]].SetResult(json);
        }
    }

    /// <summary>There will be no more events: the store could not be read on.</summary>
    public void Fail(Exception cause)
    {
        Fail(_range, cause);
        foreach (var state in _states.Values) Fail(state, cause);
    }

    /// <summary>Events that follow each other.</summary>
    /// <param name="Start">The state before the first; null for the one that the store has folded.</param>
    /// <param name="After">Where that is.</param>
    /// <param name="UpTo">The last one.</param>
    internal readonly record struct Stretch(byte[]? Start, long After, long UpTo);

    private static void Fail<T>(TaskCompletionSource<T> source, Exception cause)
    {
        // Who wanted it may have left, which makes it no error of the process.
        if (source.TrySetException(cause)) _ = source.Task.Exception;
    }
}
