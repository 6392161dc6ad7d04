namespace Collab.AspNetCore.Events;

/// <summary>
/// How much a state holds of each kind, so that a run which names ever new steps, or long ones, stays bounded. The clients have the same
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

    public StepMap(IReadOnlyDictionary<string, T> start, Func<T, long> sequenceOf, Func<T, int> lengthOf)
    {
        (_steps, _sequenceOf, _lengthOf) = (new(start, StringComparer.Ordinal), sequenceOf, lengthOf);
        _length = _steps.Sum(LengthOf);
    }

    public IReadOnlyDictionary<string, T> Steps => _steps;

    public void Put(string step, T value)
    {
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
