using System.Globalization;
using System.Text.Json;
using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>
/// Edits that clash: an event that was based on another is in the log only if nothing in between touches the same step, and was refused for
/// that only if something did. What came with it, and what <c>CollabClient</c> has sent itself, does not stand against it.
/// </summary>
internal static class Basis
{
    public static IEnumerable<Violation> Check(Case run)
    {
        var attempts = run.Attempts;
        foreach (var sent in attempts)
        {
            var (first, e, _) = sent.First();
            if (e.BasedOn is not { } basedOn) continue;
            var together = sent.SelectMany(a => a.Attempt.Events).Select(other => other.MessageId).ToHashSet();
            // A number says nothing of the log that it is of: an erased run's is taken for one of the log that is there.
            foreach (var log in run.Logs)
            {
                var stored = log.ByMessage.GetValueOrDefault(sent.Key);
                if (stored?.Number <= basedOn)
                    yield return new(Rule.ClashIsStored, Text($"{sent.Key} of {first.Name} is based on {basedOn} and stands at {stored.Number}"));
                if (stored is not null
                    && ClashesIn(log).FirstOrDefault(c => c.Number < stored.Number && !(first.Repeats && IsBy(first.Client, c))) is { } clash)
                {
                    yield return new(Rule.ClashIsStored, Text(
                        $"{sent.Key} of {first.Name} is based on {basedOn} and stands at {stored.Number}, behind {clash.Number}, which touches the same"));
                }
            }
            // What is not kept may clash.
            if (run.Keep > 0) continue;
            Logged[] clashes = [.. run.Logs.SelectMany(ClashesIn)];
            foreach (var (attempt, _, told) in sent.Where(a => a.Told?.Code == "conflict"))
            {
                // In an atomic batch one is enough.
                if (attempt is { Atomic: true, Events.Count: > 1 }) continue;
                // What it is based on was perhaps erased, and the log that is there is not as long.
                if (run.Logs.Skip(1).Any(log => basedOn > SurelyIn(log, attempt.Start))) continue;
                if (!clashes.Any(c => attempts[c.MessageId].Any(a => a.Attempt.Start <= attempt.End)))
                    yield return new(Rule.ConflictWithoutClash, Text($"{attempt.Name} was refused as a clash with what came after {basedOn}: nothing did"));
            }

            long SurelyIn(EpochLog log, double at) => log.Events
                .Where(other => attempts[other.MessageId].Any(a => a.Attempt.End < at && run.LogOf(a.Told) == log)).Select(other => other.Number)
                .DefaultIfEmpty().Max();

            IEnumerable<Logged> ClashesIn(EpochLog log) => log.Events.Where(other => other.Number > basedOn && !together.Contains(other.MessageId)
                && StepOf(other.EventType, other.Data) == StepOf(e.EventType, e.Data));
        }

        bool IsBy(string client, Logged e) => attempts[e.MessageId].Any(a => a.Attempt.Client == client);
    }

    private static string? StepOf(string eventType, JsonElement data) =>
        data.TryGetProperty(eventType == "GRAFT" ? "after" : "stepId", out var step) ? step.GetString() : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
