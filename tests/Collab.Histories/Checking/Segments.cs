using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>What a follower was shown of one log, from when it began with it until it began with another.</summary>
/// <param name="Log">The log.</param>
/// <param name="Seen">The events, as they came.</param>
internal sealed record Segment(EpochLog Log, List<Seen> Seen);

/// <summary>
/// Followers of a run that was erased begin again, some of them without a word: which log an event is of, its number and its id say then.
/// </summary>
internal static class Segments
{
    public static IReadOnlyDictionary<string, IReadOnlyList<Segment>> Of(Case run)
    {
        var all = new Dictionary<string, IReadOnlyList<Segment>>(StringComparer.Ordinal);
        foreach (var follower in run.Seen.GroupBy(s => s.Client, StringComparer.Ordinal))
        {
            var segments = new List<Segment>();
            var shown = new HashSet<long>();
            foreach (var seen in follower)
            {
                var current = segments is [.., var last] ? last.Log : null;
                var log = LogOf(run, seen, current, isAgain: shown.Contains(seen.Number));
                if (log != current)
                {
                    segments.Add(new(log, []));
                    shown.Clear();
                }
                shown.Add(seen.Number);
                segments[^1].Seen.Add(seen);
            }
            all[follower.Key] = segments;
        }
        return all;
    }

    private static EpochLog LogOf(Case run, Seen seen, EpochLog? current, bool isAgain)
    {
        if (seen.Epoch is not null && run.LogOf(seen.Epoch) is { } named) return named;
        EpochLog[] possible = [.. run.Logs.Where(l => l.Has(seen.Number, seen.MessageId))];
        // What is sent again may stand in two logs at the same number.
        if (current is not null && possible.Contains(current) && !(isAgain && possible.Length > 1)) return current;
        return Array.Find(possible, l => l.Index > (current?.Index ?? -1)) ?? possible.FirstOrDefault() ?? current ?? run.Last;
    }
}
