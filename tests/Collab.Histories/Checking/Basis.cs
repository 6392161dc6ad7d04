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
    public static IEnumerable<Violation> Check(
        IReadOnlyList<Logged> log, ILookup<Guid, (Publish Attempt, Sent Event, Told? Told)> attempts, bool forgets)
    {
        foreach (var sent in attempts)
        {
            var (first, e, _) = sent.First();
            if (e.BasedOn is not { } basedOn) continue;
            var together = sent.SelectMany(a => a.Attempt.Events).Select(other => other.MessageId).ToHashSet();
            Logged[] clashes = [.. log.Where(other => other.Number > basedOn && !together.Contains(other.MessageId)
                && StepOf(other.EventType, other.Data) == StepOf(e.EventType, e.Data))];
            if (log.FirstOrDefault(l => l.MessageId == sent.Key) is { } stored
                && Array.Find(clashes, c => c.Number < stored.Number && !(first.Repeats && IsBy(first.Client, c))) is { } clash)
            {
                yield return new(Rule.ClashIsStored, Text(
                    $"{sent.Key} of {first.Name} is based on {basedOn} and stands at {stored.Number}, behind {clash.Number}, which touches the same"));
            }
            // What is not kept may clash.
            if (forgets) continue;
            foreach (var (attempt, _, told) in sent.Where(a => a.Told?.Code == "conflict"))
            {
                // In an atomic batch one is enough.
                if (attempt is { Atomic: true, Events.Count: > 1 }) continue;
                if (!clashes.Any(c => attempts[c.MessageId].Any(a => a.Attempt.Start <= attempt.End)))
                    yield return new(Rule.ConflictWithoutClash, Text($"{attempt.Name} was refused as a clash with what came after {basedOn}: nothing did"));
            }
        }

        bool IsBy(string client, Logged e) => attempts[e.MessageId].Any(a => a.Attempt.Client == client);
    }

    private static string? StepOf(string eventType, JsonElement data) =>
        data.TryGetProperty(eventType == "GRAFT" ? "after" : "stepId", out var step) ? step.GetString() : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
