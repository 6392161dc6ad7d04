using System.Text.Json;
using Collab.Histories.Checking;
using Collab.Histories.Recording;
using CsCheck;
using Xunit;

namespace Collab.Histories.Tests;

/// <summary>The checker finds each kind of mistake, and none where there is none.</summary>
public sealed class CheckerTests
{
    /// <summary>No server ever gets it.</summary>
    private static readonly Sent Never = new(new Guid(9999, 0, 0, new byte[8]), "FLAG", JsonElement.Parse("{}"));

    /// <summary>A mistake: what it does to a history that was right, and what the checker must call it.</summary>
    private static readonly Dictionary<string, (Func<History, History> Make, Rule[] Found)> Mistakes = new()
    {
        ["an acknowledged event is lost from the end of the log"] = (LoseTheLast, [Rule.AcknowledgedIsLost, Rule.SeenIsLost, Rule.WrongState]),
        ["an acknowledged event that no client was shown is lost"] = (AcknowledgeOneMore, [Rule.AcknowledgedIsLost]),
        ["a client is shown an event that is lost"] = (ShowOneMore, [Rule.SeenIsLost]),
        ["a refused event is stored"] = (RefuseTheLast, [Rule.RefusedIsStored]),
        ["an event says something else"] = (
            ChangeLog((log, at) => log[at] = log[at] with { Data = JsonElement.Parse("{}") }), [Rule.NotAsSent, Rule.WrongState]),
        ["an event is by another user"] = (ChangeLog((log, at) => log[at] = log[at] with { UserId = "eve" }), [Rule.NotAsSent, Rule.WrongState]),
        ["an event that no client sent"] = (Forge, [Rule.NotAsSent, Rule.Missed]),
        ["a number is left out"] = (Renumber(1), [Rule.Numbering]),
        ["a number is there twice"] = (Renumber(-1), [Rule.Numbering]),
        ["a follower is shown another event under a number"] = (ChangeSeen(s => s with { MessageId = Guid.Empty }), [Rule.OtherOrder]),
        ["an answer has another event under a number"] = (
            Change<Read>(r => r.Events.Count > 0, r => r with { Events = [r.Events[0] with { MessageId = Guid.Empty }, .. r.Events.Skip(1)] }),
            [Rule.OtherOrder]),
        ["a connection's events change places"] = (SwapOnConnection, [Rule.ConnectionOrder]),
        ["what was sent later has the smaller number"] = (
            h => Change<Publish>(p => Is(p, h, 1), p => p with { Start = 9000, End = 9001 })(h),
            // An edit that was refused for it was refused before it was there.
            [Rule.TimeOrder, Rule.ConflictWithoutClash]),
        ["of an atomic batch a part is stored"] = (TearBatch, [Rule.TornBatch]),
        ["something stands in an atomic batch"] = (StretchBatch, [Rule.TornBatch]),
        ["an edit is stored over another's"] = (StoreOver, [Rule.ClashIsStored]),
        ["an edit is refused for nothing"] = (
            h => With(h, OneMore(h, new Told(new Guid(9000, 0, 0, new byte[8]), null, false, "conflict")) with
            {
                Events = [new(new Guid(9000, 0, 0, new byte[8]), "FLAG", JsonElement.Parse("""{"stepId":"NOWHERE"}"""), BasedOn: 0)],
            }), [Rule.ConflictWithoutClash]),
        ["a message is stored twice"] = (StoreTwice, [Rule.StoredTwice, Rule.Missed]),
        ["a repeat is told another number"] = (
            ChangeTold(t => t.Duplicate, t => t with { Number = t.Number > 1 ? 1 : 2 }), [Rule.OtherNumber]),
        ["a repeat is told that it is new"] = (CallNew, [Rule.DuplicateFlag]),
        ["a first attempt is told that it is a repeat"] = (
            ChangeTold(t => !t.Duplicate && t.Number == 1, t => t with { Duplicate = true }), [Rule.DuplicateFlag]),
        ["a follower misses an event"] = (h => Without<Seen>(h, s => s.Client == "f0" && s.Number == 2), [Rule.Missed]),
        ["a follower misses the last event"] = (h => Without<Seen>(h, s => s.Client == "f0" && s.Number == LogOf(h).Count), [Rule.Missed]),
        ["a follower gets nothing"] = (h => Without<Seen>(h, s => s.Client == "f0"), [Rule.Missed]),
        ["a follower gets an event twice"] = (TwiceSeen, [Rule.Twice]),
        ["a follower gets an event too early"] = (SwapSeen, [Rule.OutOfOrder]),
        ["an answer leaves out an event"] = (
            Change<Read>(r => r.Events.Count > 2, r => r with { Events = [r.Events[0], .. r.Events.Skip(2)] }), [Rule.AnswerWithGap]),
        ["an answer begins too late"] = (Change<Read>(r => r.Events.Count > 2, r => r with { Events = [.. r.Events.Skip(1)] }), [Rule.AnswerWithGap]),
        ["an answer ends too early"] = (Change<Read>(r => r.Events.Count > 2, r => r with { Events = [.. r.Events.SkipLast(1)] }), [Rule.AnswerWithGap]),
        ["after a fault nothing is acknowledged"] = (h => With(h, new Fault("Kill", 0, 1, 2, 1, new(null, null))), [Rule.NoRecovery]),
        ["after a fault a follower does not come back"] = (h => With(h, new Fault("Kill", 0, 1, 2, 1, new(3, null))), [Rule.NoRecovery]),
        ["what was committed in the outbox is lost"] = (
            h => WithTransaction(h, t => t.Committed == true, t => t with { Events = [.. t.Events, Never] }), [Rule.CommittedIsLost]),
        ["what was rolled back is stored"] = (h => WithTransaction(h, t => t.Committed == true, t => t with { Committed = false }), [Rule.RolledBackIsStored]),
        ["of a transaction a part is stored"] = (
            h => WithTransaction(h, t => t.Committed is null, t => t with { Events = [.. t.Events, Never] }), [Rule.TornTransaction]),
        ["an application's events change places"] = (
            h => WithTransaction(h, t => t.Committed == true, t => t with { Events = [.. t.Events.Reverse()] }), [Rule.OutboxOrder]),
        ["an event is not handled"] = (h => Without<Handled>(h, e => e.Number == h.Of<Handled>().Max(l => l.Number)), [Rule.NotHandled]),
        ["an event is handled that is none"] = (h => With(h, new Handled(RunOf(h), 5000, 1, Alone: true)), [Rule.NotHandled]),
        ["an event is handled before an earlier one"] = (
            h => new([new Handled(RunOf(h), h.Of<Handled>().Max(l => l.Number), 1, Alone: true), .. h.Entries]),
            [Rule.HandledOutOfOrder]),
        ["two events of a run are handled at a time"] = (
            Change<Handled>(_ => true, e => e with { Alone = false }), [Rule.HandledTogether]),
        ["a state lacks an event"] = (Change<Read>(r => r.What == "state" && r.Last > 1, WithEmptyState), [Rule.WrongState]),
        ["a state covers events that are not there"] = (
            Change<Read>(r => r.What == "state", r => r with { State = Numbered(r.State!.Value, 5000) }), [Rule.WrongState]),
        ["a server does not know what it acknowledged"] = (
            h => With(h, new Read(9000, "r", "poll", 0, RunOf(h), 9000, 9001, 0, 0, [])), [Rule.StaleAnswer]),
        ["a user who left is still shown"] = (Change<Presence>(_ => true, p => p with { Users = ["ana", "ben", "cem"] }), [Rule.WrongPresence]),
        ["a user who is there is not shown"] = (Change<Presence>(_ => true, p => p with { Users = ["ana"] }), [Rule.WrongPresence]),
    };

    /// <summary>Those that can only be made where events are trimmed.</summary>
    private static readonly Dictionary<string, (Func<History, History> Make, Rule[] Found)> MistakesOfRetention = new()
    {
        ["a follower is not told that events are gone"] = (
            h => Without<Skipped>(h, s => s.From == 1 && s.Client == h.Of<Skipped>().First(f => f.From == 1).Client), [Rule.Missed]),
        ["a follower is told that an event is gone which is kept"] = (
            h => With(h, new Skipped("f0", RunOf(h), 9000, 1, LogOf(h).Count - 9)), [Rule.SkippedTooMuch]),
        ["an answer does not say that events are gone"] = (Change<Read>(r => r.Truncated, r => r with { Truncated = false }), [Rule.AnswerWithGap]),
        ["an answer leaves out an event that is kept"] = (
            Change<Read>(r => r is { Truncated: true, Events.Count: > 1 }, r => r with { Oldest = r.Oldest + 1, Events = [.. r.Events.Skip(1)] }),
            [Rule.SkippedTooMuch]),
        ["an answer says that events are gone, and has all"] = (
            h => With(h, new Read(9000, "r", "poll", 0, RunOf(h), 9000, 9001, LogOf(h).Count, LogOf(h).Count, [], null, LogOf(h).Count - 9, Truncated: true)),
            [Rule.SkippedTooMuch]),
        ["a message is stored twice while the first is kept"] = (h => StoreTwice(h, LogOf(h).Last(e => e.EventType != "GRAFT")), [Rule.StoredTwice, Rule.Missed]),
    };

    /// <summary>Those that can only be made where a run is erased.</summary>
    private static readonly Dictionary<string, (Func<History, History> Make, Rule[] Found)> MistakesOfErase = new()
    {
        ["an answer is of an epoch that is no log's"] = (
            Change<Read>(r => r is { What: "replay", Events.Count: > 0 }, r => r with { Epoch = Guid.Empty }), [Rule.AnotherEpoch]),
        ["what was erased is answered by the server that had erased it"] = (h => With(h, AnswerOf(h.Of<FinalLog>().First(), server: 0, at: 9000)), [Rule.ErasedIsShown]),
        ["what was erased is answered by another server, long after"] = (
            h => With(h, AnswerOf(h.Of<FinalLog>().First(), server: 7, at: 90_000)), [Rule.ErasedIsShown]),
        ["what was erased is shown long after"] = (
            h => With(h, new Seen("elsewhere", RunOf(h), 90_000, 1, h.Of<FinalLog>().First().Events[0].MessageId, h.Of<FinalLog>().First().Epoch)),
            [Rule.ErasedIsShown]),
        ["what was erased comes back"] = (ComeBack, [Rule.ErasedIsBack]),
        ["an edit that is based on what was erased is stored"] = (
            h => new([.. h.Entries.Select(entry => entry is Publish p
                ? p with { Events = [.. p.Events.Select(s => s.MessageId == LogOf(h)[0].MessageId ? s with { BasedOn = 5000 } : s)] }
                : entry)]), [Rule.ClashIsStored]),
        ["a follower does not begin again"] = (
            h => Without<Seen>(h, s => s.Client == "f0" && s.Epoch == h.Of<FinalLog>().Last().Epoch), [Rule.Missed]),
        ["a follower that does not say where it is does not begin again"] = (
            h => Without<Seen>(h, s => s.Client == "f1" && LogOf(h).Any(e => e.MessageId == s.MessageId && e.Number == s.Number)
                && h.Of<FinalLog>().First().Events.All(e => e.MessageId != s.MessageId || e.Number != s.Number)), [Rule.Missed]),
        ["a follower gets an event of the second log twice"] = (TwiceSeen, [Rule.Twice]),
        ["an acknowledged event is in neither log"] = (AcknowledgeOneMore, [Rule.AcknowledgedIsLost]),
        ["a number is left out before the erase"] = (
            h => new([.. h.Entries.Select(e => e == h.Of<FinalLog>().First()
                ? h.Of<FinalLog>().First() with { Events = [.. h.Of<FinalLog>().First().Events.Skip(1)] } : e)]), [Rule.Numbering]),
    };

    public static TheoryData<string> Names => [.. Mistakes.Keys, .. MistakesOfRetention.Keys, .. MistakesOfErase.Keys];

    public static TheoryData<string> ExactNames => [.. Mistakes.Keys, .. MistakesOfRetention.Keys];

    [Fact]
    public void There_is_a_mistake_for_each_rule() => Assert.Equal(Enum.GetValues<Rule>(), Mistakes.Concat(MistakesOfRetention).Concat(MistakesOfErase).SelectMany(m => m.Value.Found).Distinct().Order());

    [Fact]
    public void A_history_without_mistakes_passes()
    {
        Assert.Empty(Checker.Check(ModelHistory.Example));
        Assert.Empty(Checker.Check(ModelHistory.ExampleOfRetention));
        Assert.Empty(Checker.Check(ModelHistory.ExampleOfErase));
    }

    [Fact]
    public void No_history_without_mistakes_is_complained_of()
    {
        ModelHistory.Generator.Sample(history => Assert.Empty(Checker.Check(history)), iter: 300);
        ModelHistory.OfRetention.Sample(history => Assert.Empty(Checker.Check(history)), iter: 300);
        ModelHistory.OfErase.Sample(history => Assert.Empty(Checker.Check(history)), iter: 300);
    }

    [Theory]
    [MemberData(nameof(ExactNames))]
    public void A_mistake_is_found_and_called_by_its_name(string name)
    {
        var (make, found, example, _) = Mistake(name);
        var wrong = make(example);
        Assert.Equal(found.Order(), Checker.Check(wrong).Select(v => v.Rule).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mistake_is_found_in_any_history(string name)
    {
        var (make, found, _, generator) = Mistake(name);
        generator.Sample(
            history => Assert.Contains(Checker.Check(make(history)), v => v.Rule == found[0]), iter: 50);
    }

    [Fact]
    public void A_violation_names_the_numbers_and_the_operations()
    {
        var wrong = AcknowledgeOneMore(ModelHistory.Example);
        var violation = Assert.Single(Checker.Check(wrong));
        Assert.Contains("publish 9000 (m, model, server 1, 9000–9001 ms) was told 5000", violation.What, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_without_an_answer_may_be_stored_or_not()
    {
        var lost = new Sent(Guid.NewGuid(), "FLAG", JsonElement.Parse("""{"stepId":"PM"}"""));
        var history = With(ModelHistory.Example, new Publish(9000, "m", "ana", null, "model", 0, RunOf(ModelHistory.Example), 9000, 9001, [lost], []));
        Assert.Empty(Checker.Check(history));
    }

    [Fact]
    public void A_history_is_the_same_after_it_was_written_down()
    {
        var path = Path.GetTempFileName();
        try
        {
            var wrong = TwiceSeen(ModelHistory.Example);
            wrong.Save(path);
            var read = History.Load(path);
            Assert.Equal(wrong.Entries.Count, read.Entries.Count);
            Assert.Equal(Checker.Check(wrong), Checker.Check(read));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static History WithTransaction(History h, Func<Transaction, bool> which, Func<Transaction, Entry> change) => Change(which, change)(h);

    private static (Func<History, History> Make, Rule[] Found, History Example, Gen<History> Any) Mistake(string name) =>
        Mistakes.TryGetValue(name, out var mistake) ? (mistake.Make, mistake.Found, ModelHistory.Example, ModelHistory.Generator)
        : MistakesOfErase.TryGetValue(name, out var ofErase) ? (ofErase.Make, ofErase.Found, ModelHistory.ExampleOfErase, ModelHistory.OfErase)
            : (MistakesOfRetention[name].Make, MistakesOfRetention[name].Found, ModelHistory.ExampleOfRetention, ModelHistory.OfRetention);

    private static IReadOnlyList<Logged> LogOf(History h) => h.Of<FinalLog>().Last().Events;

    /// <summary>All of a log, as an answer.</summary>
    private static Read AnswerOf(FinalLog log, int server, double at) => new(
        9000, "r", "poll", server, log.RunId, at, at + 1, 0, log.Events.Count, [.. log.Events.Select(e => new Place(e.Number, e.MessageId))], Epoch: log.Epoch);

    /// <summary>An event that was acknowledged before the run was erased, and that was never sent again.</summary>
    private static History ComeBack(History h)
    {
        var erased = h.Of<FinalLog>().First().Events.First(e => h.Of<Publish>().Count(p => p.Events.Any(s => s.MessageId == e.MessageId)) == 1
            && h.Of<Publish>().Any(p => !p.Atomic && p.Told.Any(t => t.MessageId == e.MessageId && t.Number == e.Number)));
        var number = LogOf(h).Count + 1;
        h = With(h, [.. h.Of<Follower>().Select(f => new Seen(f.Client, f.RunId, 9500, number, erased.MessageId))]);
        return WithLog(h, [.. LogOf(h), erased with { Number = number }]);
    }

    private static Guid RunOf(History h) => h.Setup.Runs[0];

    private static bool Is(Publish p, History h, long number) =>
        p.Told.Any(t => t.Number == number && !t.Duplicate) && LogOf(h).Count > number;

    private static History With(History h, params Entry[] more) => new([.. h.Entries, .. more]);

    private static History Without<T>(History h, Func<T, bool> which)
        where T : Entry => new([.. h.Entries.Where(e => e is not T one || !which(one))]);

    /// <summary>Changes the last entry of those that it may change.</summary>
    private static Func<History, History> Change<T>(Func<T, bool> which, Func<T, Entry> change)
        where T : Entry => h =>
        {
            var last = h.Of<T>().Last(which);
            return new([.. h.Entries.Select(e => ReferenceEquals(e, last) ? change(last) : e)]);
        };

    private static Func<History, History> ChangeSeen(Func<Seen, Seen> change) => Change<Seen>(_ => true, change);

    private static Func<History, History> ChangeTold(Func<Told, bool> which, Func<Told, Told> change) =>
        Change<Publish>(p => p.Told.Any(which), p => p with { Told = [.. p.Told.Select(t => which(t) ? change(t) : t)] });

    private static Func<History, History> ChangeLog(Action<List<Logged>, int> change) => h =>
    {
        List<Logged> log = [.. LogOf(h)];
        change(log, log.Count - 1);
        return WithLog(h, log);
    };

    private static History WithLog(History h, IReadOnlyList<Logged> log) => Change<FinalLog>(_ => true, l => l with { Events = log })(h);

    private static History LoseTheLast(History h)
    {
        h = With(h, new Read(9000, "r", "state", 1, RunOf(h), 9000, 9001, 0, LogOf(h).Count, [], h.Of<Read>().Last(r => r.What == "state").State));
        var last = LogOf(h)[^1];
        // Whether or not it was acknowledged before, it is now.
        var sent = new Sent(last.MessageId, last.EventType, last.Data);
        var at = new Publish(9001, "m", last.UserId, null, "model", null, RunOf(h), 9000, 9001, [sent], [new(last.MessageId, last.Number, true)]);
        return Without<Handled>(WithLog(With(h, at), [.. LogOf(h).SkipLast(1)]), e => e.Number == last.Number);
    }

    private static Publish OneMore(History h, params Told[] told) => new(
        9000, "m", "ana", null, "model", 1, RunOf(h), 9000, 9001, [new(new Guid(9000, 0, 0, new byte[8]), "FLAG", JsonElement.Parse("{}"))], told);

    private static History AcknowledgeOneMore(History h) => With(h, OneMore(h, new Told(new Guid(9000, 0, 0, new byte[8]), 5000, false)));

    private static History ShowOneMore(History h)
    {
        var number = LogOf(h).Count + 1;
        return With(h, OneMore(h), new Seen("elsewhere", RunOf(h), 9000, number, new Guid(9000, 0, 0, new byte[8])));
    }

    private static History RefuseTheLast(History h)
    {
        var last = h.Of<Publish>().Last(p => p.Told.Any(t => t.Code is not null)).Events[0];
        return WithOneMore(h, last);
    }

    private static History Forge(History h) =>
        WithLog(h, [.. LogOf(h), new Logged(LogOf(h).Count + 1, Guid.NewGuid(), "FLAG", "ana", JsonElement.Parse("{}"))]);

    /// <summary>Adds an event at the end, and shows it to the followers.</summary>
    private static History WithOneMore(History h, Sent e)
    {
        var number = LogOf(h).Count + 1;
        h = With(h, [.. h.Of<Follower>().Select(f => new Seen(f.Client, f.RunId, 9500, number, e.MessageId))]);
        if (e.EventType == "GRAFT") h = With(h, new Handled(RunOf(h), number, 1, Alone: true));
        return WithLog(h, [.. LogOf(h), new Logged(number, e.MessageId, e.EventType, "ana", e.Data)]);
    }

    /// <summary>The last number is one higher or lower than it should be, and nothing else is known of it.</summary>
    private static Func<History, History> Renumber(int by) => h =>
    {
        List<Logged> log = [.. LogOf(h)];
        log[^1] = log[^1] with { Number = log[^1].Number + by };
        var sent = h.Of<Publish>().Select(p => p with { Told = [], Atomic = false, Connection = null });
        return new([h.Setup with { HasHandlers = false }, .. sent, .. h.Of<Transaction>(), new FinalLog(RunOf(h), log)]);
    };

    private static History SwapOnConnection(History h)
    {
        var two = h.Of<Publish>().Where(p => p.Connection is "c0").Where(p => h.Of<Publish>().Count(o => o.Events[0].MessageId == p.Events[0].MessageId) == 1)
            .Take(2).ToArray();
        // Sent without waiting, so that nothing but the connection gives them an order.
        return new([
            .. h.Entries.Select(e => e is not Publish p ? e
                : p.Id == two[0].Id ? two[1] with { Start = 0, End = two[1].End, Id = two[0].Id }
                : p.Id == two[1].Id ? two[0] with { Start = 0, End = two[1].End, Id = two[1].Id } : e),
        ]);
    }

    private static (Publish Batch, Sent[] Events) BatchOf(History h)
    {
        var batch = h.Of<Publish>().First(p => p.Atomic);
        return (batch, [.. batch.Events]);
    }

    private static History TearBatch(History h)
    {
        var (batch, events) = BatchOf(h);
        var never = new Sent(Guid.NewGuid(), "FLAG", JsonElement.Parse("{}"));
        return Change<Publish>(p => p.Id == batch.Id, p => p with { Events = [.. events, never] })(h);
    }

    private static History StretchBatch(History h)
    {
        var (batch, events) = BatchOf(h);
        return Change<Publish>(p => p.Id == batch.Id, p => p with { Events = [events[0], events[2], events[1]] })(h);
    }

    /// <summary>The last event that another before it touches the same step as is called based on none.</summary>
    private static History StoreOver(History h)
    {
        var log = LogOf(h);
        var over = log.Last(e => h.Of<Publish>().Any(p => !p.Atomic && p.Events.Any(s => s.MessageId == e.MessageId))
            && log.Any(other => other.Number < e.Number && StepOf(other) == StepOf(e)));
        return new([.. h.Entries.Select(entry => entry is Publish p
            ? p with { Events = [.. p.Events.Select(s => s.MessageId == over.MessageId ? s with { BasedOn = 0 } : s)] }
            : entry)]);

        static string? StepOf(Logged e) => e.Data.GetProperty(e.EventType == "GRAFT" ? "after" : "stepId").GetString();
    }

    private static History StoreTwice(History h) => StoreTwice(h, LogOf(h).First(e => e.EventType != "GRAFT"));

    private static History StoreTwice(History h, Logged e) => WithLog(h, [.. LogOf(h), e with { Number = LogOf(h).Count + 1 }]);

    private static History TwiceSeen(History h) => With(h, h.Of<Seen>().Last());

    private static History SwapSeen(History h)
    {
        var (one, other) = (h.Of<Seen>().First(s => s is { Client: "f1", Number: 2 }), h.Of<Seen>().First(s => s is { Client: "f1", Number: 3 }));
        return new([.. h.Entries.Select(e => ReferenceEquals(e, one) ? other : ReferenceEquals(e, other) ? one : e)]);
    }

    private static History CallNew(History h)
    {
        var known = h.Of<Publish>().SelectMany(p => p.Told).Where(t => !t.Duplicate).Select(t => t.MessageId).ToHashSet();
        return ChangeTold(t => t.Duplicate && known.Contains(t.MessageId), t => t with { Duplicate = false })(h);
    }

    private static Read WithEmptyState(Read r)
    {
        var empty = new { asOfSequence = r.Last, grafts = new { }, prunedSteps = Array.Empty<string>(), flags = new { } };
        return r with { State = JsonSerializer.SerializeToElement(empty) };
    }

    private static JsonElement Numbered(JsonElement state, long number)
    {
        var changed = System.Text.Json.Nodes.JsonObject.Create(state)!;
        changed["asOfSequence"] = number;
        return JsonSerializer.SerializeToElement(changed);
    }
}
