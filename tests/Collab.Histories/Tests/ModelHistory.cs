using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Histories.Checking;
using Collab.Histories.Recording;
using CsCheck;

namespace Collab.Histories.Tests;

/// <summary>
/// A server that makes no mistake, as a model: it gives histories that keep every promise, with acknowledgements that get lost, repeats,
/// batches, refusals, late joiners and lagging servers.
/// </summary>
internal sealed class ModelHistory
{
    private static readonly string[] Steps = ["PM", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE"];

    private readonly Guid _run = new(0x600DF00D, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1);
    private readonly List<Entry> _entries = [];
    private readonly List<Logged> _log = [];
    private readonly Dictionary<int, long> _known = [];
    private readonly Dictionary<string, long> _positions = [];
    private readonly List<Publish> _lost = [];
    private readonly int _keep;
    private readonly bool _erases;
    private readonly List<FinalLog> _erased = [];
    private Guid _epoch = new(0xE90C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    private double _now;
    private int _id;
    private int _message;

    private ModelHistory(int keep = 0, bool erases = false) => (_keep, _erases) = (keep, erases);

    /// <summary>Histories of any length, from what CsCheck chooses.</summary>
    public static Gen<History> Generator { get; } = Gen.Int[0, 9999].List[15, 60].Select(choices => new ModelHistory().Make(choices));

    /// <summary>Those of a server that keeps ten events.</summary>
    public static Gen<History> OfRetention { get; } = Gen.Int[0, 9999].List[30, 90].Select(choices => new ModelHistory(10).Make([.. Long, .. choices]));

    /// <summary>One of a server that keeps ten events.</summary>
    public static History ExampleOfRetention { get; } = new ModelHistory(10).Make([.. Long, .. Enumerable.Range(0, 120).Select(n => n * 7919 % 10000)]);

    /// <summary>Those of a run that is erased in the middle.</summary>
    public static Gen<History> OfErase { get; } =
        Gen.Int[0, 9999].List[20, 60].Select(choices => new ModelHistory(erases: true).Make([.. choices, .. Enumerable.Range(0, 10).Select(n => n * 10)]));

    /// <summary>One of a run that is erased in the middle.</summary>
    public static History ExampleOfErase { get; } = new ModelHistory(erases: true).Make([.. Enumerable.Range(0, 120).Select(n => n * 7919 % 10000)]);

    /// <summary>One with everything in it.</summary>
    public static History Example { get; } = new ModelHistory().Make([.. Enumerable.Range(0, 120).Select(n => n * 7919 % 10000)]);

    /// <summary>So much that something is gone, a follower that is told so, and answers that say so.</summary>
    private static IEnumerable<int> Long => [.. Enumerable.Range(0, 15).Select(n => n * 10), 7, 8, 9, 18];

    private History Make(IReadOnlyList<int> choices)
    {
        _entries.Add(new Setup(1, "model", "model", "none", 2, [_run], _keep, HasHandlers: !_erases));
        // Whatever else comes, these do: an order on one connection, a batch, a repeat, a refusal, answers.
        foreach (var choice in (int[])[0, 100, 200, 300, 103, 104, 105, 106, 107]) Do(choice % 10, choice / 10);
        foreach (var committed in (bool?[])[true, false, true, null]) Insert(committed);
        foreach (var (index, choice) in choices.Index())
        {
            if (_erases && index == choices.Count / 2) Erase();
            Do(choice % 10, choice / 10);
        }
        foreach (var e in _log.Where(e => e.EventType == "GRAFT")) _entries.Add(new Handled(_run, e.Number, 1, Alone: true));
        // At least once: from some event on again.
        foreach (var e in _log.Where(e => e.EventType == "GRAFT").Take(2)) _entries.Add(new Handled(_run, e.Number, 2, Alone: true));
        foreach (var follower in (string[])["f0", "f1"])
        {
            Show(follower, _log.Count);
            _entries.Add(new Follower(follower, _run, "model", Stays: true));
        }
        _entries.Add(new Presence("f0", _run, Tick(), ["ana", "ben"], ["ben", "ana"]));
        Ask("state", 0, 0);
        Ask("replay", 1, 0);
        _entries.AddRange(_erased);
        _entries.Add(new FinalLog(_run, [.. _log], Epoch: _epoch));
        return new([.. _entries]);
    }

    /// <summary>All begin again, the one that answered as the others.</summary>
    private void Erase()
    {
        foreach (var follower in (string[])["f0", "f1"]) Show(follower, _log.Count - 1);
        Ask("poll", 0, 0);
        _entries.Add(new Erase(_run, Server: 0, Tick(), Tick(), Confirmed: true));
        _erased.Add(new(_run, [.. _log], Epoch: _epoch));
        _epoch = new(0xE90C, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        _log.Clear();
        _known.Clear();
        _positions.Clear();
    }

    private void Do(int what, int choice)
    {
        var (server, after) = (choice % 2, Math.Min(choice % 7, _log.Count));
        switch (what)
        {
            case 0 or 1 when choice % 3 == 1: Edit(choice, server); break;
            case 0 or 1: Send(choice, server, $"c{server}", [Event(choice)], isAcknowledged: true); break;
            case 2: _lost.Add(Send(choice, server, null, [Event(choice)], isAcknowledged: false)); break;
            case 3: Send(choice, server, null, [Event(choice), Event(choice + 1), Event(choice + 2)], isAcknowledged: true, atomic: true); break;
            case 4: Send(choice, server, null, [.. Sample(choice)], isAcknowledged: true); break;
            case 5: Refuse(Event(choice), server, "invalid_event"); break;
            case 6: Ask("state", server, 0); break;
            case 7: Ask("poll", server, after); break;
            case 8: Show($"f{choice % 2}", _log.Count - choice % 3); break;
            default: Ask("join", server, after); break;
        }
    }

    /// <summary>What is sent again: what was acknowledged, or what was not.</summary>
    private IEnumerable<Sent> Sample(int choice)
    {
        if (_lost.Count > 0 && choice % 2 == 0) return _lost[choice % _lost.Count].Events;
        // What was based on a log that is erased would be refused.
        var known = _entries.OfType<Publish>()
            .Where(p => p.Events.Count == 1 && p.Told.Any(t => t.Number is not null) && (!_erases || p.Events[0].BasedOn is null)).ToArray();
        // The first two stay as they are.
        return known[2 + choice % (known.Length - 2)].Events;
    }

    private Publish Send(int choice, int server, string? connection, Sent[] events, bool isAcknowledged, bool atomic = false)
    {
        var (id, start) = (++_id, Tick());
        var user = choice % 2 == 0 ? "ana" : "ben";
        if (_entries.OfType<Publish>().FirstOrDefault(p => p.Events[0].MessageId == events[0].MessageId) is { } first) user = first.User;
        var told = new List<Told>();
        foreach (var e in events)
        {
            var stored = _log.Find(l => l.MessageId == e.MessageId);
            var isDuplicate = stored is not null;
            if (stored is null) _log.Add(stored = new(_log.Count + 1, e.MessageId, e.EventType, user, e.Data));
            told.Add(new(e.MessageId, stored.Number, isDuplicate));
        }
        if (isAcknowledged) _known[server] = Math.Max(_known.GetValueOrDefault(server), told.Max(t => t.Number!.Value));
        var publish = new Publish(
            id, "m", user, connection, "model", server, _run, start, Tick(), events, isAcknowledged ? told : [], atomic);
        _entries.Add(publish);
        return publish;
    }

    /// <summary>An event that is based on an earlier one: stored, or refused for what has touched the same since.</summary>
    private void Edit(int choice, int server)
    {
        var e = Event(choice) with { BasedOn = Math.Max(0, _log.Count - choice % 6) };
        var step = StepOf(e.EventType, e.Data);
        if (_log.Any(other => other.Number > e.BasedOn && StepOf(other.EventType, other.Data) == step)) Refuse(e, server, "conflict");
        else Send(choice, server, null, [e], isAcknowledged: true);

        static string? StepOf(string type, JsonElement data) => data.GetProperty(type == "GRAFT" ? "after" : "stepId").GetString();
    }

    /// <summary>A transaction of an application, which ends so.</summary>
    private void Insert(bool? committed)
    {
        Sent[] events = [Event(0), Event(1)];
        _entries.Add(new Transaction(++_id, "a", "ana", _run, Tick(), Tick(), events, committed));
        if (committed == false) return;
        foreach (var e in events) _log.Add(new(_log.Count + 1, e.MessageId, e.EventType, "ana", e.Data));
    }

    private void Refuse(Sent e, int server, string code) => _entries.Add(
        new Publish(++_id, "m", "ana", "refused", "model", server, _run, Tick(), Tick(), [e], [new(e.MessageId, null, false, code)]));

    /// <summary>A server knows what it has acknowledged, and maybe no more.</summary>
    private void Ask(string what, int server, long after)
    {
        var start = Tick();
        var last = what is "state" or "replay" ? _log.Count : Math.Max(_known.GetValueOrDefault(server), after);
        var fold = new Fold();
        foreach (var e in _log.Take((int)last)) fold.Add(e);
        var state = what is "state" or "join" ? JsonSerializer.SerializeToElement((JsonNode)fold.State) : (JsonElement?)null;
        var oldest = what == "state" || last == 0 ? 0 : _keep == 0 ? 1 : Math.Max(1, last - _keep + 1);
        var from = Math.Max(after, oldest - 1);
        Place[] events = what == "state" ? [] : [.. _log.Take((int)last).Skip((int)from).Select(e => new Place(e.Number, e.MessageId))];
        var truncated = what is "poll" or "join" && from > after;
        _entries.Add(new Read(++_id, "r", what, server, _run, start, Tick(), after, last, events, state, oldest, truncated, _epoch));
    }

    private void Show(string follower, long last)
    {
        var from = _positions.GetValueOrDefault(follower) + 1;
        if (_keep > 0 && last - _keep >= from)
        {
            _entries.Add(new Skipped(follower, _run, Tick(), from, last - _keep));
            from = last - _keep + 1;
        }
        for (var number = from; number <= last; number++)
            // One of them does not say which log it is in.
            _entries.Add(new Seen(follower, _run, Tick(), number, _log[(int)number - 1].MessageId, follower == "f0" ? _epoch : null));
        _positions[follower] = Math.Max(_positions.GetValueOrDefault(follower), last);
    }

    private Sent Event(int choice)
    {
        var (number, step) = (++_message, Steps[choice % Steps.Length]);
        var text = number.ToString(CultureInfo.InvariantCulture);
        var (type, data) = (choice % 3) switch
        {
            0 => ("GRAFT", (object)new { after = step, agentName = text }),
            1 => ("PRUNE", new { stepId = step, isPruned = choice % 4 > 0 }),
            _ => ("FLAG", new { stepId = step, note = text }),
        };
        return new(new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), type, JsonSerializer.SerializeToElement(data));
    }

    private double Tick() => ++_now;
}
