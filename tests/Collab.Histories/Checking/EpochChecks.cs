using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>
/// Erased runs: there is a log for each epoch that is told of, nothing of an erased one is shown once a server has said that it is gone, and
/// nothing of it comes back.
/// </summary>
internal static class EpochChecks
{
    /// <summary>
    /// Servers that cannot hear each other look into the store every second, and what was under way to a client may be held up on the way:
    /// after so long, in milliseconds, no server and no network has an excuse.
    /// </summary>
    private const double Excused = 20_000;

    public static IEnumerable<Violation> Check(Case run) => [.. CheckEpochs(run), .. CheckShown(run), .. CheckBack(run)];

    private static IEnumerable<Violation> CheckEpochs(Case run)
    {
        if (run.Logs.All(l => l.Epoch is null)) return [];
        return from read in run.Reads
               where read.Epoch is not null && run.LogOf(read.Epoch) is null && (read.Last > 0 || run.Last.Events.Count > 0)
               select Breach(Rule.AnotherEpoch, $"{Name(read)} is of the epoch {read.Epoch}, which no log has");
    }

    private static IEnumerable<Violation> CheckShown(Case run)
    {
        // One that had no answer may have happened or not: then it is not known which of them ended which log.
        if (run.Erases.Count != run.Logs.Count - 1) yield break;
        foreach (var (log, erase) in run.Logs.Zip(run.Erases).Where(ended => ended.Second.Confirmed))
        {
            foreach (var read in run.Reads.Where(r => run.LogOf(r.Epoch) == log))
            {
                if (read.Start > erase.End && (read.Server == erase.Server || read.Start > erase.End + Excused))
                    yield return Breach(Rule.ErasedIsShown, $"{Name(read)} is of a log that server {erase.Server} had erased by {erase.End} ms");
            }
            foreach (var segment in Segments.Of(run).SelectMany(s => s.Value).Where(s => s.Log == log))
            {
                if (segment.Seen.Find(s => s.At > erase.End + Excused) is { } late)
                    yield return Breach(
                        Rule.ErasedIsShown, $"{late.Client} was shown {late.Number} at {late.At} ms, of a log that was erased by {erase.End} ms");
            }
        }
    }

    private static IEnumerable<Violation> CheckBack(Case run)
    {
        foreach (var log in run.Logs.Skip(1))
        {
            var before = run.Logs[log.Index - 1];
            foreach (var e in log.Events.Where(e => run.Attempts.Contains(e.MessageId)))
            {
                var attempts = run.Attempts[e.MessageId].ToArray();
                // All were answered out of logs before, before any erase could have ended the last of them.
                if (attempts.All(a => run.LogOf(a.Told) is { } told && told.Index < log.Index) && before.ByMessage.ContainsKey(e.MessageId))
                    yield return Breach(Rule.ErasedIsBack, $"{e.MessageId} stands at {e.Number} again, and was not sent since {attempts[^1].Attempt.Name}");
            }
        }
    }
}
