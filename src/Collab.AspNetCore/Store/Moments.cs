using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Sequences of a run after which its state is wanted, and the states, as JSON: taken while the events pass by, none of which is kept.
/// </summary>
internal sealed class Moments(IEnumerable<long> sequences)
{
    private readonly long[] _wanted = [.. sequences.Distinct().Order()];
    private readonly Dictionary<long, byte[]> _states = [];
    private int _next;

    /// <summary>The last of them: what comes after it needs not be read.</summary>
    public long Last => _wanted[^1];

    /// <summary>The state after an event.</summary>
    public byte[] StateAfter(long sequence) => _states[sequence];

    /// <summary>The next event is about to be folded in.</summary>
    public void Before(long sequence, StateFold state)
    {
        for (; _next < _wanted.Length && _wanted[_next] < sequence; _next++) _states[_wanted[_next]] = state.ToJson();
    }

    /// <summary>There are no more events.</summary>
    public void End(StateFold state) => Before(long.MaxValue, state);
}
