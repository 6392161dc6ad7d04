using Collab.Histories.Recording;
using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>No loss: each follower has each event once and in order, whatever became of its connections; and sees who is there.</summary>
internal static class FollowerChecks
{
    public static IEnumerable<Violation> Check(Case run) => [.. CheckFollowers(run), .. CheckSkipped(run), .. CheckPresence(run)];

    private static IEnumerable<Violation> CheckFollowers(Case run)
    {
        var (segments, skipped) = (Segments.Of(run), run.Skipped.ToLookup(s => s.Client));
        foreach (var follower in run.Followers)
        {
            var own = segments.GetValueOrDefault(follower.Client) ?? [];
            // Who stays ends with the last log, even if nothing came of it.
            if (own is not [.., { } latest] || latest.Log != run.Last) own = [.. own, new(run.Last, [])];
            foreach (var segment in own)
            {
                // One that has gone on to another log has no more to come of this one.
                var all = follower.Stays && segment == own[^1] ? segment.Log.Events.Count : 0;
                foreach (var violation in Check(follower, segment.Seen, skipped[follower.Client], all)) yield return violation;
            }
        }
    }

    private static IEnumerable<Violation> Check(Follower follower, IReadOnlyList<Seen> seen, IEnumerable<Skipped> skipped, long all)
    {
        var (shown, highest) = (new HashSet<long>(), 0L);
        foreach (var e in seen)
        {
            if (!shown.Add(e.Number))
                yield return Breach(Rule.Twice, $"{follower.Client} ({follower.How}) got {e.Number} twice, again at {e.At} ms");
            else if (e.Number < highest)
                yield return Breach(Rule.OutOfOrder, $"{follower.Client} ({follower.How}) got {e.Number} after {highest}, at {e.At} ms");
            highest = Math.Max(highest, e.Number);
        }
        var end = Math.Max(highest, all);
        foreach (var gone in skipped) shown.UnionWith(Enumerable.Range((int)gone.From, (int)(gone.To - gone.From + 1)).Select(n => (long)n));
        var missing = Enumerable.Range(1, (int)end).Where(n => !shown.Contains(n)).ToArray();
        if (missing.Length > 0)
            yield return Breach(Rule.Missed, $"{follower.Client} ({follower.How}) never got {string.Join(", ", missing.Take(10))}, {missing.Length} of {end}");
    }

    private static IEnumerable<Violation> CheckSkipped(Case run)
    {
        foreach (var skipped in run.Skipped)
        {
            // No more can have been in the log then.
            var last = run.Last.Events.Where(e => run.Attempts[e.MessageId].Any(a => a.Attempt.Start <= skipped.At)).Select(e => e.Number).DefaultIfEmpty().Max();
            if (run.Keep == 0 || skipped.To > last - run.Keep)
                yield return Breach(
                    Rule.SkippedTooMuch, $"{skipped.Client} was told at {skipped.At} ms that {skipped.From}–{skipped.To} are gone; there were at most {last}");
        }
        foreach (var read in run.Reads.Where(r => r.Oldest > r.After + 1 ? run.Keep == 0 || r.Oldest > Math.Max(1, r.Last - run.Keep + 1) : r.Truncated))
            yield return Breach(Rule.SkippedTooMuch, $"{Name(read)} after {read.After} says that the oldest is {read.Oldest}, of {read.Last}");
    }

    private static IEnumerable<Violation> CheckPresence(Case run)
    {
        foreach (var seen in run.Presence.Where(p => !p.Users.ToHashSet().SetEquals(p.Expected)))
        {
            var (missing, more) = (string.Join(' ', seen.Expected.Except(seen.Users)), string.Join(' ', seen.Users.Except(seen.Expected)));
            yield return Breach(Rule.WrongPresence, $"{seen.Observer} misses [{missing}], and shows [{more}] too");
        }
    }
}
