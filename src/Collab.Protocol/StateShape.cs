using System.Text.RegularExpressions;

namespace Collab.Protocol;

/// <summary>What a state holds beside grafts, pruned steps and flags: the set of folds.</summary>
/// <param name="LatestBy">
/// By type, the field whose newest event is kept per value. Null: what the state itself says, as on a client.
/// </param>
/// <param name="Own">The states that the application adds.</param>
internal sealed partial record StateShape(IReadOnlyDictionary<string, string>? LatestBy, IReadOnlyList<OwnState> Own)
{
    public const string NameRule = "a state's name has letters and digits, starts with a small letter, and is at most 64 long.";

    private static readonly string[] Taken =
        ["asOfSequence", "grafts", "prunedSteps", "flags", "ended", "latest", "latestBy", "fingerprint"];

    /// <summary>Of a client that adds no state.</summary>
    public static StateShape Followed { get; } = new(null, []);

    /// <summary>Of a server that adds none.</summary>
    public static StateShape BuiltIn { get; } = new(new Dictionary<string, string>(), []);

    /// <summary>What is wrong with the names of states, a sentence each.</summary>
    public static IEnumerable<string> Check(IReadOnlyCollection<string> names)
    {
        foreach (var name in names.Where(name => !Name().IsMatch(name)))
            yield return $"AddState: '{name}' is no name for a state: {NameRule}";
        foreach (var name in names.Where(name => Taken.Contains(name, StringComparer.Ordinal)))
            yield return $"AddState: '{name}' is a part of every state. Choose another name.";
        foreach (var twice in names.GroupBy(name => name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return $"AddState: '{twice.Key}' is there twice.";
    }

    [GeneratedRegex("^[a-z][A-Za-z0-9]{0,63}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
