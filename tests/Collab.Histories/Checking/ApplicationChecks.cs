using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>What an application has of it: its outbox and its handlers.</summary>
internal static class ApplicationChecks
{
    public static IEnumerable<Violation> Check(Case run) => [.. CheckTransactions(run), .. CheckHandled(run)];

    private static IEnumerable<Violation> CheckTransactions(Case run)
    {
        foreach (var transaction in run.Transactions)
        {
            var stored = transaction.Events.Count(e => run.IsStored(e.MessageId));
            if (transaction.Committed == true && stored < transaction.Events.Count)
                yield return Breach(
                    Rule.CommittedIsLost, $"{Name(transaction)} was committed, and {stored} of its {transaction.Events.Count} events are in the log");
            else if (transaction.Committed == false && stored > 0)
                yield return Breach(Rule.RolledBackIsStored, $"{Name(transaction)} was rolled back, and {stored} of its events are in the log");
            else if (stored > 0 && stored < transaction.Events.Count)
                yield return Breach(Rule.TornTransaction, $"of {Name(transaction)} {stored} of {transaction.Events.Count} events are in the log");
        }
        foreach (var application in run.Transactions.GroupBy(t => t.Client))
        {
            var numbers = application.SelectMany(t => t.Events).Select(e => run.Last.ByMessage.GetValueOrDefault(e.MessageId)?.Number).OfType<long>().ToArray();
            foreach (var (before, after) in numbers.Zip(numbers.Skip(1)).Where(two => two.Second < two.First))
                yield return Breach(Rule.OutboxOrder, $"{application.Key} inserted what stands at {before} before what stands at {after}");
        }
    }

    private static IEnumerable<Violation> CheckHandled(Case run)
    {
        if (run.Handled is null) yield break;
        var due = run.Last.Events.Where(e => e.EventType == "GRAFT").Select(e => e.Number).ToArray();
        var (done, known) = (new HashSet<long>(), due.ToHashSet());
        var next = 0;
        foreach (var handled in run.Handled)
        {
            if (!handled.Alone)
                yield return Breach(Rule.HandledTogether, $"{handled.Number} was handled by {handled.Server} while another event of its run was");
            if (!known.Contains(handled.Number))
                yield return Breach(Rule.NotHandled, $"{handled.Number} was handled by {handled.Server}, and is no event of its type");
            while (next < due.Length && done.Contains(due[next])) next++;
            if (next < due.Length && handled.Number > due[next])
                yield return Breach(Rule.HandledOutOfOrder, $"{handled.Number} was handled by {handled.Server} before {due[next]}");
            done.Add(handled.Number);
        }
        var missing = due.Where(n => !done.Contains(n)).ToArray();
        if (missing.Length > 0)
            yield return Breach(Rule.NotHandled, $"{string.Join(", ", missing.Take(10))} were never handled, {missing.Length} of {due.Length}");
    }
}
