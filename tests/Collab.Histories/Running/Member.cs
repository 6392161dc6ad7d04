using System.Globalization;
using System.Text.Json;
using Collab.Histories.Recording;
using Collab.TestKit;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>Where a member is: the servers, the run, and what takes it down.</summary>
internal sealed record Stage(Installation Servers, Recorder Recorder, Guid RunId)
{
    public int Count => Servers.Servers.Count;
}

/// <summary>One client: it follows its run, and does what its plan says.</summary>
internal abstract class Member : IAsyncDisposable
{
    /// <summary>How long an attempt may take. Then its outcome is unknown, and it is repeated.</summary>
    protected static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(10);

    private const int MaxAttempts = 60;

    private static readonly string[] Steps = ["PM", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE"];
    private static readonly string[] Final = ["invalid_event", "payload_too_large", "forbidden", "unauthorized", "conflict"];

    private readonly Lock _gate = new();
    private readonly HashSet<long> _seen = [];
    private readonly List<Task> _underWay = [];
    private readonly List<(Sent[] Events, bool IsBatch, bool Atomic)> _acknowledged = [];
    private readonly Dictionary<int, ApiClient> _apis = [];
    private readonly SortedSet<string> _users = new(StringComparer.Ordinal);
    private Task _following = Task.CompletedTask;
    private Guid? _epoch;
    private long _highest;
    private int _turn;

    protected Member(MemberPlan plan, Stage stage) => (Plan, Stage) = (plan, stage);

    public MemberPlan Plan { get; }

    /// <summary>Whether it has all of a log up to a number.</summary>
    /// <param name="last">The number.</param>
    /// <param name="epoch">The log; null: the one that it is in.</param>
    public virtual bool HasAll(long last, Guid? epoch)
    {
        lock (_gate) return _seen.Count >= last && _highest >= last && (epoch is null || last == 0 || Epoch == epoch);
    }

    /// <summary>The users that are there, as this client sees it, by the place where it looked.</summary>
    public virtual IReadOnlyList<(string Observer, string[] Users)> Observations
    {
        get
        {
            lock (_gate) return [(Plan.Name, [.. _users])];
        }
    }

    protected Stage Stage { get; }

    /// <summary>Which log it is in; null: not known yet.</summary>
    protected virtual Guid? Epoch => _epoch;

    /// <summary>Whether what is under it drops what it has handed on before, so that there is nothing for it to drop.</summary>
    protected virtual bool IsGivenEachOnce => false;

    protected CancellationTokenSource Over { get; } = new();

    protected long Highest
    {
        get
        {
            lock (_gate) return _highest;
        }
    }

    protected string Token => TestTokens.Create(Plan.User);

    /// <summary>The number that it was told last of an event of its own; null: none yet.</summary>
    protected long? LastTold { get; private set; }

    /// <summary>Whether it follows by now.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Begins to follow.</summary>
    public void Start()
    {
        _following = FollowAsync();
        HasStarted = true;
    }

    /// <summary>Does what is planned, until each publish has its outcome.</summary>
    public async Task ActAsync()
    {
        foreach (var step in Plan.Steps)
        {
            await Task.Delay(step.AfterMs);
            if (Can(step.What)) Do(step);
        }
        while (true)
        {
            Task[] waiting;
            lock (_gate) waiting = [.. _underWay];
            await Task.WhenAll(waiting);
            lock (_gate)
            {
                if (waiting.Length == _underWay.Count) return;
            }
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Over.CancelAsync();
        await _following;
        foreach (var api in _apis.Values) api.Dispose();
        Over.Dispose();
    }

    /// <summary>Follows the run until it is over.</summary>
    protected abstract Task FollowAsync();

    /// <summary>Sends events once, takes down what became of it, and says whether it is done with.</summary>
    protected abstract Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice);

    protected virtual void MoveCursor(string? nodeId)
    {
    }

    /// <summary>Is shown events.</summary>
    /// <param name="events">The events.</param>
    /// <param name="epoch">Of which log they are; null: that is not said.</param>
    protected void Take(IEnumerable<(long Number, Guid MessageId)> events, Guid? epoch)
    {
        lock (_gate)
        {
            foreach (var (number, messageId) in events)
            {
                // Where it is not said a first event that comes again is that of another log.
                if (IsGivenEachOnce && number == 1 && _highest > 0) ForgetAll();
                if (epoch is null || epoch == _epoch)
                {
                    // As every client must: what it has it drops.
                    if (!_seen.Add(number) && !IsGivenEachOnce) continue;
                    _highest = Math.Max(_highest, number);
                }
                Stage.Recorder.Add(new Seen(Plan.Name, Stage.RunId, Stage.Recorder.Now, number, messageId, epoch));
            }
        }
    }

    /// <summary>Is told which log the run has.</summary>
    /// <returns>Whether it is another one than was known: what was known is forgotten, and the new one is asked for from its start.</returns>
    protected bool Enter(Guid epoch)
    {
        lock (_gate)
        {
            var isAnother = _epoch is { } known && known != epoch;
            if (isAnother) ForgetAll();
            _epoch = epoch;
            return isAnother;
        }
    }

    /// <summary>Is told that events are gone: it goes on after them.</summary>
    protected void Skip(long from, long to)
    {
        lock (_gate)
        {
            if (to <= _highest) return;
            Stage.Recorder.Add(new Skipped(Plan.Name, Stage.RunId, Stage.Recorder.Now, from, to));
            for (var number = from; number <= to; number++) _seen.Add(number);
            _highest = to;
        }
    }

    private void ForgetAll()
    {
        _seen.Clear();
        _highest = 0;
    }

    protected void SetUsers(IEnumerable<string> users)
    {
        lock (_gate)
        {
            _users.Clear();
            _users.UnionWith(users);
        }
    }

    protected void Came(string user, bool isThere)
    {
        lock (_gate)
        {
            if (isThere) _users.Add(user);
            else _users.Remove(user);
        }
    }

    protected ApiClient ApiOf(int server)
    {
        lock (_gate)
        {
            return _apis.TryGetValue(server, out var api) ? api : _apis[server] = new(Stage.Servers[server], Token);
        }
    }

    /// <summary>Publishes by HTTP.</summary>
    protected async Task<bool> AttemptByHttpAsync(Sent[] events, bool isBatch, bool atomic, int server)
    {
        var (id, start, api) = (Stage.Recorder.NextId(), Stage.Recorder.Now, ApiOf(server));
        Told[] told = [];
        try
        {
            var path = $"api/runs/{Stage.RunId}/collaboration/events{(isBatch ? "/batch" : "")}";
            object body = isBatch
                ? new { events = events.Select(Body), atomic }
                : Body(events[0]);
            var answer = await api.SendAsync(HttpMethod.Post, path, body).WaitAsync(AttemptTime);
            if ((int)answer.Status is >= 200 and < 300) told = ToldOf(answer.Json, events);
            else if (answer.ContentType == "application/problem+json" && answer.Json.TryGetProperty("code", out var code))
                told = Refused(events, code.GetString()!);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            // Stored or not: that is what a repeat finds out.
        }
        return Record(new(id, Plan.Name, Plan.User, null, "http", server, Stage.RunId, start, Stage.Recorder.Now, events, told, atomic));

        static object Body(Sent e) => new { eventType = e.EventType, data = e.Data, messageId = e.MessageId, basedOnSequence = e.BasedOn };
    }

    /// <summary>Takes down an attempt.</summary>
    /// <returns>Whether there is nothing to repeat.</returns>
    protected bool Record(Publish attempt)
    {
        Stage.Recorder.Add(attempt);
        LastTold = attempt.Told.Select(t => t.Number).LastOrDefault(number => number is not null) ?? LastTold;
        return attempt.Events.All(e => attempt.Told.Any(t => t.MessageId == e.MessageId && (t.Number is not null || Final.Contains(t.Code))));
    }

    protected async Task ReadAsync(string what, int server, long after, int? wait = null)
    {
        var (id, start, api) = (Stage.Recorder.NextId(), Stage.Recorder.Now, ApiOf(server));
        try
        {
            if (what == "state")
            {
                var state = (await api.StateAsync(Stage.RunId).WaitAsync(AttemptTime)).Json;
                if (!state.TryGetProperty("asOfSequence", out var asOf)) return;
                Stage.Recorder.Add(new Read(id, Plan.Name, what, server, Stage.RunId, start, Stage.Recorder.Now, 0, asOf.GetInt64(), [], state));
                return;
            }
            ApiResponse answer = what == "poll"
                ? await api.PollAsync(Stage.RunId, after, wait).WaitAsync(AttemptTime)
                : await api.ReplayAsync(Stage.RunId, afterSequence: after, limit: 1000).WaitAsync(AttemptTime);
            if ((int)answer.Status != 200) return;
            // One that has only the end of another log is asked again with the next turn, from the start.
            _ = TakeAnswer(id, what, server, start, after, answer.Json);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            // No answer says nothing.
        }
    }

    /// <summary>Takes down an answer, and its events unless they were only looked up.</summary>
    /// <returns>False: it is of another log than was known, and has only its end. It is to be asked again, from the start.</returns>
    protected bool TakeAnswer(int id, string what, int? server, double start, long after, JsonElement answer)
    {
        var places = answer.GetProperty("events").EnumerateArray()
            .Select(e => new Place(e.GetProperty("sequenceNumber").GetInt64(), e.GetProperty("messageId").GetGuid())).ToArray();
        var last = answer.GetProperty("lastSequence").GetInt64();
        JsonElement? state = answer.TryGetProperty("state", out var s) ? s : null;
        var oldest = answer.GetProperty("oldestSequence").GetInt64();
        var truncated = answer.TryGetProperty("truncated", out var t) && t.GetBoolean();
        var epoch = answer.GetProperty("epoch").GetGuid();
        Stage.Recorder.Add(new Read(id, Plan.Name, what, server, Stage.RunId, start, Stage.Recorder.Now, after, last, places, state, oldest, truncated, epoch));
        if (what == "replay") return true;
        UsersOf(server, [.. answer.GetProperty("activeUsers").EnumerateArray().Select(u => u.GetString()!)]);
        if (Enter(epoch) && after > 0 && last > 0) return false;
        if (truncated) Skip(after + 1, oldest - 1);
        Take(places.Select(p => (p.Number, p.MessageId)), epoch);
        return true;
    }

    protected virtual void UsersOf(int? server, string[] users) => SetUsers(users);

    private bool Can(Doing what) => Plan.Kind switch
    {
        MemberKind.Stream => what is Doing.State or Doing.Replay,
        // What it has committed is decided: it is not repeated, and what cannot be published is set aside.
        MemberKind.Outbox => what is Doing.Publish or Doing.Burst or Doing.Batch or Doing.AtomicBatch,
        _ => true,
    };

    private void Do(Step step)
    {
        var server = step.Choice % Stage.Count;
        switch (step.What)
        {
            case Doing.State: Begin(ReadAsync("state", server, 0)); break;
            case Doing.Replay: Begin(ReadAsync("replay", server, step.Choice % 2 == 0 ? 0 : Highest)); break;
            case Doing.Cursor: MoveCursor(Steps[step.Choice % Steps.Length]); break;
            case Doing.Invalid: Begin(DeliverAsync([Event(step.Choice, isValid: false)], false, false, step.Choice)); break;
            case Doing.Based: Begin(DeliverAsync([Based(step.Choice, step.Choice)], false, false, step.Choice)); break;
            case Doing.BasedBatch:
                Sent[] edits = [.. Enumerable.Range(0, 2 + step.Choice % 3).Select(n => Based(step.Choice / 7 + n, step.Choice))];
                Begin(DeliverAsync(edits, true, step.Choice % 2 == 0, step.Choice));
                break;
            case Doing.Batch or Doing.AtomicBatch:
                Sent[] batch = [.. Enumerable.Range(0, 2 + step.Choice % 5).Select(n => Event(step.Choice / 7 + n))];
                Begin(DeliverAsync(batch, true, step.What == Doing.AtomicBatch, step.Choice));
                break;
            case Doing.Burst:
                foreach (var n in Enumerable.Range(0, 3 + step.Choice % 4)) Begin(DeliverAsync([Event(step.Choice / 5 + n)], false, false, step.Choice));
                break;
            case Doing.Repeat when LastAcknowledged() is { } again:
                Begin(AttemptAsync(again.Events, again.IsBatch, again.Atomic, 1, step.Choice));
                break;
            default: Begin(DeliverAsync([Event(step.Choice)], false, false, step.Choice)); break;
        }
    }

    private void Begin(Task doing)
    {
        lock (_gate) _underWay.Add(doing);
    }

    private (Sent[] Events, bool IsBatch, bool Atomic)? LastAcknowledged()
    {
        lock (_gate) return _acknowledged.Count > 0 ? _acknowledged[^1] : null;
    }

    /// <summary>Sends events with the same ids until it knows what became of them.</summary>
    private async Task DeliverAsync(Sent[] events, bool isBatch, bool atomic, int choice)
    {
        for (var turn = 0; turn < MaxAttempts; turn++)
        {
            if (await AttemptAsync(events, isBatch, atomic, turn, choice))
            {
                lock (_gate) _acknowledged.Add((events, isBatch, atomic));
                return;
            }
            await Task.Delay(200 + choice % 200);
        }
    }

    /// <summary>Mostly on the newest that it has, else on one that it had before.</summary>
    private Sent Based(int choice, int age) => Event(choice) with { BasedOn = Math.Max(0, Highest - Math.Max(0, age / 13 % 8 - 4)) };

    protected Sent Event(int choice, bool isValid = true)
    {
        // The same plan sends the same, but for the ids.
        var (step, text) = (Steps[choice % Steps.Length], string.Create(CultureInfo.InvariantCulture, $"{Plan.Name}/{Interlocked.Increment(ref _turn)}"));
        var (type, data) = (choice / 11 % 3) switch
        {
            0 => ("GRAFT", isValid ? (object)new { after = step, agentName = text } : new { after = step }),
            1 => ("PRUNE", isValid ? new { stepId = step, isPruned = choice % 2 == 0 } : new { stepId = step }),
            _ => ("FLAG", isValid ? new { stepId = step, note = text } : new { note = text }),
        };
        return new(Guid.NewGuid(), type, JsonSerializer.SerializeToElement(data));
    }
}
