using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Sequences of a run after which its state is wanted, as JSON: taken while the events pass by, none of which is kept, and given to those
/// who wait as soon as it is there. Answers that all came at the end would all be written at once, before anything else has its turn.
/// </summary>
internal sealed class Moments
{
    private readonly TaskCompletionSource<(long Folded, long Last)> _range = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> _states = [];
    private long[] _wanted = [];
    private int _next;

    /// <summary>The first event after which there is a state, and the last.</summary>
    public Task<(long Folded, long Last)> Range => _range.Task;

    /// <summary>The last one wanted: what comes after it needs not be read.</summary>
    public long Last => _wanted[^1];

    /// <summary>The state after an event is wanted. Not at the same time as anything else, and not after <see cref="Begin"/>.</summary>
    public Task<byte[]> Want(long sequence)
    {
        if (!_states.TryGetValue(sequence, out var state))
            _states[sequence] = state = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return state.Task;
    }

    /// <summary>No more are wanted.</summary>
    public void Begin() => _wanted = [.. _states.Keys.Order()];

    /// <summary>The run was found. Repeated, it does nothing.</summary>
    public void Found(long folded, long last) => _range.TrySetResult((folded, last));

    /// <summary>The next event is about to be folded in.</summary>
    public void Before(long sequence, StateFold state)
    {
        for (; _next < _wanted.Length && _wanted[_next] < sequence; _next++) _states[_wanted[_next]].SetResult(state.ToJson());
    }

    /// <summary>There are no more events.</summary>
    public void End(StateFold state) => Before(long.MaxValue, state);

    /// <summary>There will be no more events: the store could not be read on.</summary>
    public void Fail(Exception cause)
    {
        Fail(_range, cause);
        foreach (var state in _states.Values) Fail(state, cause);
    }

    private static void Fail<T>(TaskCompletionSource<T> source, Exception cause)
    {
        // Who wanted it may have left, which makes it no error of the process.
        if (source.TrySetException(cause)) _ = source.Task.Exception;
    }
}
