using System.Globalization;
using System.Text.Json;
using Collab.Histories.Recording;
using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>What is in the logs: all that was acknowledged, once, as it was sent, batches whole, and nothing else.</summary>
internal static class StoredChecks
{
    /// <summary>A refusal with one of these comes before anything could be stored.</summary>
    private static readonly HashSet<string> ForGood =
        ["invalid_event", "payload_too_large", "forbidden", "unauthorized", "rate_limited", "overloaded", "conflict"];

    public static IEnumerable<Violation> Check(Case run) =>
    [
        .. CheckAcknowledged(run), .. run.Logs.SelectMany(log => CheckContent(run, log)), .. run.Logs.SelectMany(log => CheckNumbering(run, log)),
        .. run.Logs.SelectMany(log => CheckBatches(run, log)), .. CheckDuplicates(run),
    ];

    private static IEnumerable<Violation> CheckAcknowledged(Case run)
    {
        foreach (var attempts in run.Attempts)
        {
            Logged[] stored = [.. run.Logs.SelectMany(l => l.Events).Where(e => e.MessageId == attempts.Key)];
            foreach (var (attempt, _, told) in attempts)
            {
                if (told?.Number is not { } number) continue;
                if (stored.Length == 0)
                    yield return Breach(Rule.AcknowledgedIsLost, $"{attempt.Name} was told {number} for {attempts.Key}, which is not in the log");
                else if (stored.All(e => e.Number != number))
                    yield return Breach(Rule.OtherNumber, $"{attempt.Name} was told {number} for {attempts.Key}, which stands at {stored[0].Number}");
            }
            if (stored.Length > 0 && attempts.All(a => a.Told?.Code is { } code && ForGood.Contains(code) && !a.Attempt.Repeats))
            {
                var (attempt, _, told) = attempts.First();
                yield return Breach(Rule.RefusedIsStored, $"{attempt.Name} was refused {told!.Code}, and {attempts.Key} stands at {stored[0].Number}");
            }
        }
    }

    private static IEnumerable<Violation> CheckContent(Case run, EpochLog log)
    {
        foreach (var e in log.Events)
        {
            if (!run.Attempts.Contains(e.MessageId))
            {
                yield return Breach(Rule.NotAsSent, $"{e.Number} is {e.MessageId}, which no client sent");
                continue;
            }
            var (attempt, sent, _) = run.Attempts[e.MessageId].First();
            if (sent.EventType != e.EventType || attempt.User != e.UserId || !JsonElement.DeepEquals(sent.Data, e.Data))
            {
                var (was, asked) = (Text($"{e.EventType} {e.Data} of {e.UserId}"), Text($"{sent.EventType} {sent.Data} of {attempt.User}"));
                yield return Breach(Rule.NotAsSent, $"{e.Number} is {was}, sent by {attempt.Name} as {asked}");
            }
        }
    }

    private static IEnumerable<Violation> CheckNumbering(Case run, EpochLog log)
    {
        foreach (var (index, e) in log.Events.Index())
        {
            if (e.Number == index + 1) continue;
            yield return Breach(Rule.Numbering, $"the log's event {index + 1} has the number {e.Number}");
            break;
        }
        foreach (var copies in log.Events.GroupBy(e => e.MessageId).Where(copies => copies.Count() > 1))
        {
            // What is not kept any more is not known to have been there.
            var numbers = copies.Select(c => c.Number).ToArray();
            if (run.Keep == 0 || numbers.Zip(numbers.Skip(1)).Any(two => two.Second - two.First <= run.Keep))
                yield return Breach(Rule.StoredTwice, $"{copies.Key} stands at {string.Join(" and ", numbers)}");
        }
    }

    private static IEnumerable<Violation> CheckBatches(Case run, EpochLog log)
    {
        foreach (var batch in run.Publishes.Where(p => p.Atomic))
        {
            var numbers = batch.Events.Select(e => log.ByMessage.GetValueOrDefault(e.MessageId)?.Number).ToArray();
            if (numbers.All(n => n is null)) continue;
            if (numbers.Index().Any(n => n.Item != numbers[0] + n.Index))
            {
                var places = string.Join(", ", numbers.Select(n => n?.ToString(CultureInfo.InvariantCulture) ?? "-"));
                yield return Breach(Rule.TornBatch, $"the events of {batch.Name} stand at {places}");
            }
        }
    }

    private static IEnumerable<Violation> CheckDuplicates(Case run)
    {
        foreach (var attempts in run.Attempts)
        {
            var told = attempts.Where(a => a.Told?.Number is not null).OrderBy(a => a.Attempt.End).ToArray();
            var news = told.Where(a => !a.Told!.Duplicate).Select(a => a.Attempt.Name).ToArray();
            // Once for each time that it is there: what is not kept any more, or was erased, is new again.
            if (news.Length > Math.Max(1, run.Logs.Sum(l => l.Events.Count(e => e.MessageId == attempts.Key))))
                yield return Breach(Rule.DuplicateFlag, $"{string.Join(" and ", news)} were all told that {attempts.Key} was new");
            foreach (var (attempt, _, _) in told.Where(a => a.Told!.Duplicate && !a.Attempt.Repeats))
            {
                if (attempts.All(other => other.Attempt.Id == attempt.Id || other.Attempt.Start > attempt.End))
                    yield return Breach(Rule.DuplicateFlag, $"{attempt.Name} was told that {attempts.Key} is a repeat, and nothing was sent before");
            }
        }
    }
}
