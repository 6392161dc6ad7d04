using Collab.Histories.Recording;
using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>Answers of servers: nothing is left out between two events, and what the server has acknowledged before is known to it.</summary>
internal static class AnswerChecks
{
    /// <summary>So many events at most are in one answer.</summary>
    private const int EventsPerAnswer = 1000;

    public static IEnumerable<Violation> Check(Case run) => [.. CheckAnswers(run), .. CheckOwnWrites(run)];

    private static IEnumerable<Violation> CheckAnswers(Case run)
    {
        foreach (var read in run.Reads.Where(r => r.What != "state"))
        {
            // Of another log than its asker knew it has the end alone, and is asked for again.
            if (read.After > read.Last && read.Events.Count == 0) continue;
            var expected = Math.Max(read.After, read.Oldest - 1);
            if (expected > read.After && !read.Truncated && read.What != "replay")
                yield return Breach(
                    Rule.AnswerWithGap, $"{Name(read)} after {read.After} begins with {expected + 1}, and does not say that what was before is gone");
            foreach (var place in read.Events)
            {
                if (place.Number == ++expected) continue;
                yield return Breach(Rule.AnswerWithGap, $"{Name(read)} after {read.After} has {place.Number} where {expected} belongs");
                break;
            }
            if (read.Events.Count < EventsPerAnswer && expected < read.Last)
                yield return Breach(Rule.AnswerWithGap, $"{Name(read)} after {read.After} ends with {expected}, and knows of {read.Last}");
        }
    }

    private static IEnumerable<Violation> CheckOwnWrites(Case run)
    {
        foreach (var server in run.Publishes.Where(p => p.Server is not null).GroupBy(p => p.Server))
        {
            var acknowledged = server
                .SelectMany(p => p.Told.Select(t => (Attempt: p, Place: PlaceOf(run, t))))
                .Where(a => a.Place is not null).OrderBy(a => a.Attempt.End).ToArray();
            (Publish Attempt, (int Log, long Number)? Place)? highest = null;
            var next = 0;
            foreach (var read in run.Reads.Where(r => r.Server == server.Key).OrderBy(r => r.Start))
            {
                for (; next < acknowledged.Length && acknowledged[next].Attempt.End < read.Start; next++)
                {
                    if (highest is null || acknowledged[next].Place!.Value.CompareTo(highest.Value.Place!.Value) > 0) highest = acknowledged[next];
                }
                if (highest is { } known && run.LogOf(read.Epoch) is { } log && (log.Index, read.Last).CompareTo(known.Place!.Value) < 0)
                    yield return Breach(
                        Rule.StaleAnswer, $"{Name(read)} knows of {read.Last}, after {known.Attempt.Name} was told {known.Place.Value.Number}");
            }
        }
    }

    /// <summary>What was acknowledged; null: nothing was, or it could be of several logs.</summary>
    private static (int Log, long Number)? PlaceOf(Case run, Told told) =>
        told.Number is not { } number ? null : run.Logs.Count == 1 ? (0, number) : run.LogOf(told) is { } log ? (log.Index, number) : null;
}
