namespace Collab.Protocol;

/// <summary>
/// How much a state holds of each kind, so that a run which names ever new steps, or long ones, stays bounded. Every client has the same
/// bounds.
/// </summary>
internal static class StateBounds
{
    public const int MaxEntries = 2000;

    /// <summary>Of all names, users and notes together, in UTF-16 units: what a string's length is in C# and in JavaScript.</summary>
    public const int MaxLength = 100_000;

    /// <summary>Never by one alone: the newest always stays.</summary>
    public static bool AreExceeded(int entries, long length) => entries > 1 && (entries > MaxEntries || length > MaxLength);
}

/// <summary>What is set for each step. Past <see cref="StateBounds"/> those that were set first are forgotten.</summary>
internal sealed class StepMap<T>
{
    private readonly Dictionary<string, T> _steps;
    private readonly Func<T, long> _sequenceOf;
    private readonly Func<T, int> _lengthOf;
    private long _length;
    private IReadOnlyDictionary<string, T>? _copy;

    public StepMap(IReadOnlyDictionary<string, T> start, Func<T, long> sequenceOf, Func<T, int> lengthOf)
    {
        (_steps, _sequenceOf, _lengthOf) = (new(start, StringComparer.Ordinal), sequenceOf, lengthOf);
        _length = _steps.Sum(LengthOf);
    }

    public IReadOnlyDictionary<string, T> Steps => _steps;

    /// <summary>The same, and it never changes.</summary>
    public IReadOnlyDictionary<string, T> Copy => _copy ??= new Dictionary<string, T>(_steps, StringComparer.Ordinal);

    public void Put(string step, T value)
    {
        _copy = null;
        Forget(step);
        _steps.Add(step, value);
        _length += LengthOf(new(step, value));
        while (StateBounds.AreExceeded(_steps.Count, _length)) Forget(_steps.MinBy(entry => _sequenceOf(entry.Value)).Key);
    }

    private void Forget(string step)
    {
        if (_steps.Remove(step, out var value)) _length -= LengthOf(new(step, value));
    }

    private long LengthOf(KeyValuePair<string, T> entry) => entry.Key.Length + (long)_lengthOf(entry.Value);
}

/// <summary>
/// The steps that are skipped, in the order of their last pruning. Past <see cref="StateBounds"/> those that were pruned first are
/// forgotten.
/// </summary>
internal sealed class PrunedSteps(IReadOnlyList<string> start)
{
    private readonly List<string> _steps = [.. start];
    private long _length = start.Sum(step => (long)step.Length);
    private IReadOnlyList<string>? _copy;

    public IReadOnlyList<string> Steps => _steps;

    /// <summary>The same, and it never changes.</summary>
    public IReadOnlyList<string> Copy => _copy ??= [.. _steps];

    public void Put(string step, bool isPruned)
    {
        _copy = null;
        if (_steps.Remove(step)) _length -= step.Length;
        if (!isPruned) return;
        _steps.Add(step);
        _length += step.Length;
        while (StateBounds.AreExceeded(_steps.Count, _length))
        {
            _length -= _steps[0].Length;
            _steps.RemoveAt(0);
        }
    }
}
