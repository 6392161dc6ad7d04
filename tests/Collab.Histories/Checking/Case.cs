using System.Globalization;
using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>One log of a run: from its begin, or from when the run was erased, to the end or until it was erased.</summary>
internal sealed class EpochLog
{
    public EpochLog(FinalLog log, int index)
    {
        (Epoch, Events, Index) = (log.Epoch, log.Events, index);
        foreach (var e in Events)
        {
            ByNumber.TryAdd(e.Number, e);
            ByMessage.TryAdd(e.MessageId, e);
        }
    }

    public Guid? Epoch { get; }

    /// <summary>How often the run had been erased before.</summary>
    public int Index { get; }

    public IReadOnlyList<Logged> Events { get; }

    public Dictionary<long, Logged> ByNumber { get; } = [];

    public Dictionary<Guid, Logged> ByMessage { get; } = [];

    public bool Has(long number, Guid messageId) => ByNumber.TryGetValue(number, out var e) && e.MessageId == messageId;
}

/// <summary>What a history has of one run.</summary>
internal sealed class Case
{
    public Case(History history, IReadOnlyList<FinalLog> logs)
    {
        var runId = logs[0].RunId;
        (Logs, Keep) = ([.. logs.Select((log, index) => new EpochLog(log, index))], history.Setup.Keep);
        Transactions = [.. history.Of<Transaction>().Where(t => t.RunId == runId).OrderBy(t => t.Id)];
        Handled = history.Setup.HasHandlers ? [.. history.Of<Handled>().Where(h => h.RunId == runId)] : null;
        // What is in the outbox is an attempt without an answer.
        var inserted = Transactions.Select(t => new Publish(t.Id, t.Client, t.User, null, "outbox", null, t.RunId, t.Start, t.End, t.Events, []));
        Publishes = [.. history.Of<Publish>().Where(p => p.RunId == runId).Concat(inserted).OrderBy(p => p.Id)];
        Reads = [.. history.Of<Read>().Where(r => r.RunId == runId)];
        Seen = [.. history.Of<Seen>().Where(s => s.RunId == runId)];
        Skipped = [.. history.Of<Skipped>().Where(s => s.RunId == runId)];
        Followers = [.. history.Of<Follower>().Where(f => f.RunId == runId)];
        Presence = [.. history.Of<Presence>().Where(p => p.RunId == runId)];
        Erases = [.. history.Of<Erase>().Where(e => e.RunId == runId)];
        Attempts = Publishes
            .SelectMany(p => p.Events.Select(e => (Attempt: p, Event: e, Told: p.Told.FirstOrDefault(t => t.MessageId == e.MessageId))))
            .ToLookup(a => a.Event.MessageId);
    }

    /// <summary>Its logs, in the order in which they were begun.</summary>
    public IReadOnlyList<EpochLog> Logs { get; }

    /// <summary>The one that is there in the end.</summary>
    public EpochLog Last => Logs[^1];

    public int Keep { get; }

    public IReadOnlyList<Publish> Publishes { get; }

    public IReadOnlyList<Read> Reads { get; }

    public IReadOnlyList<Seen> Seen { get; }

    public IReadOnlyList<Skipped> Skipped { get; }

    public IReadOnlyList<Transaction> Transactions { get; }

    /// <summary>Null: there are no handlers.</summary>
    public IReadOnlyList<Handled>? Handled { get; }

    public IReadOnlyList<Follower> Followers { get; }

    public IReadOnlyList<Presence> Presence { get; }

    public IReadOnlyList<Erase> Erases { get; }

    /// <summary>The attempts to publish each message, in their order.</summary>
    public ILookup<Guid, (Publish Attempt, Sent Event, Told? Told)> Attempts { get; }

    /// <summary>The log of an epoch; null: there is none, or it is not known which.</summary>
    public EpochLog? LogOf(Guid? epoch) =>
        Logs.Count == 1 && (epoch is null || Last.Epoch is null) ? Last : epoch is null ? null : Logs.FirstOrDefault(l => l.Epoch == epoch);

    /// <summary>The log that an acknowledgement is of; null: none, or it could be of several.</summary>
    public EpochLog? LogOf(Told? told)
    {
        if (told?.Number is not { } number) return null;
        EpochLog[] logs = [.. Logs.Where(l => l.Has(number, told.MessageId))];
        return logs.Length == 1 ? logs[0] : null;
    }

    public bool IsStored(Guid messageId) => Logs.Any(l => l.ByMessage.ContainsKey(messageId));

    public static string Name(Transaction t) => Text($"transaction {t.Id} ({t.Client}, {t.Start}–{t.End} ms)");

    public static string Name(Read r) => Text($"{r.What} {r.Id} ({r.Client}{(r.Server is { } server ? Text($", server {server}") : "")}, {r.Start}–{r.End} ms)");

    public static Violation Breach(Rule rule, FormattableString what) => new(rule, Text(what));

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
