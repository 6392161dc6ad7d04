using Collab.Histories.Recording;
using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>One order: each number stands for the same everywhere, and what came after something else stands behind it.</summary>
internal static class OrderChecks
{
    public static IEnumerable<Violation> Check(Case run) =>
    [
        .. CheckPlaces(run), .. run.Logs.SelectMany(log => CheckConnectionOrder(run, log)), .. run.Logs.SelectMany(log => CheckTimeOrder(run, log)),
    ];

    private static IEnumerable<Violation> CheckPlaces(Case run)
    {
        foreach (var segment in Segments.Of(run).SelectMany(s => s.Value))
        {
            foreach (var seen in segment.Seen)
            {
                if (Wrong(segment.Log, seen.Number, seen.MessageId, seen.Client) is { } wrong) yield return wrong;
            }
        }
        foreach (var read in run.Reads.Where(r => r.Events.Count > 0))
        {
            if (run.LogOf(read.Epoch) is not { } log) continue;
            foreach (var place in read.Events)
            {
                if (Wrong(log, place.Number, place.MessageId, Name(read)) is { } wrong) yield return wrong;
            }
        }

        static Violation? Wrong(EpochLog log, long number, Guid messageId, string observer)
        {
            if (!log.ByNumber.TryGetValue(number, out var logged))
                return Breach(Rule.SeenIsLost, $"{observer} was shown {messageId} as {number}; the log has no such number");
            return logged.MessageId == messageId
                ? null
                : Breach(Rule.OtherOrder, $"{observer} was shown {messageId} as {number}, where the log has {logged.MessageId}");
        }
    }

    private static IEnumerable<Violation> CheckConnectionOrder(Case run, EpochLog log)
    {
        foreach (var connection in run.Publishes.Where(p => p.Connection is not null).GroupBy(p => p.Connection))
        {
            (Publish Attempt, long Number)? highest = null;
            foreach (var publish in connection)
            {
                foreach (var e in publish.Events)
                {
                    // Where it stands is this connection's doing only if it was sent nowhere else.
                    if (run.Attempts[e.MessageId].Count() > 1 || !log.ByMessage.TryGetValue(e.MessageId, out var logged)) continue;
                    if (highest is { } before && logged.Number < before.Number)
                    {
                        var places = Text($"{before.Number} and {logged.Number}");
                        yield return Breach(
                            Rule.ConnectionOrder, $"on {connection.Key} {before.Attempt.Name} was sent before {publish.Name}; they stand at {places}");
                    }
                    else
                    {
                        highest = (publish, logged.Number);
                    }
                }
            }
        }
    }

    private static IEnumerable<Violation> CheckTimeOrder(Case run, EpochLog log)
    {
        (Publish Attempt, double At, long Number)? earliestAcknowledged = null;
        foreach (var e in log.Events.OrderByDescending(e => e.Number))
        {
            var attempts = run.Attempts[e.MessageId].ToArray();
            if (attempts.Length == 0 || !ReferenceEquals(e, log.ByMessage[e.MessageId])) continue;
            var first = attempts.MinBy(a => a.Attempt.Start).Attempt;
            if (earliestAcknowledged is { } later && first.Start > later.At)
            {
                var places = Text($"{e.Number} and {later.Number}");
                yield return Breach(Rule.TimeOrder, $"{first.Name} was sent after {later.Attempt.Name} was acknowledged; they stand at {places}");
            }
            foreach (var (attempt, _, told) in attempts)
            {
                // Of several logs it must be this one that was meant.
                if (told?.Number is not null && (run.Logs.Count == 1 || run.LogOf(told) == log)
                    && (earliestAcknowledged is null || attempt.End < earliestAcknowledged.Value.At))
                {
                    earliestAcknowledged = (attempt, attempt.End, e.Number);
                }
            }
        }
    }
}
