using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// What is known of the run, whichever transport brought it. Here, and nowhere else, events are put in order: each critical one is handed
/// on once, in the order of its number.
/// </summary>
internal sealed class RunView(
    int maxEvents, HealthMeter health, ClientMetrics metrics, StateShape? shape = null, Action<long>? differs = null,
    SignatureCheck? signatures = null)
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly List<EventReader> _readers = [];
    private readonly StateShape _shape = shape ?? StateShape.Followed;
    private readonly FoldCheck _check = new(sequence =>
    {
        health.FingerprintDiffered();
        differs?.Invoke(sequence);
    });

    private StateFold _fold = new(null, shape ?? StateShape.Followed);

    /// <summary>What the last state from the server held beside what is built in.</summary>
    private string? _held;

    private bool _isFresh = true;

    /// <summary>How far the last answer reaches; what it did not hold yet follows as events.</summary>
    private long _joinedUpTo;

    /// <summary>Where the history ends that was there when this client came.</summary>
    private long _historyUpTo;

    public RunCursor Cursor { get; private set; }

    public RunState State => _fold.State;

    /// <summary>The state is not what the server says it comes to: a join, or a state over HTTP, is wanted.</summary>
    public bool WantsState => _check.IsWanted;

    /// <inheritdoc cref="FoldCheck.TakeQuestion" />
    public bool TakeQuestion() => _check.TakeQuestion();

    /// <summary>The first event that is not as the server signed it.</summary>
    public WrongEvent? Wrong => signatures?.Wrong;

    public EventList Events { get; } = new(maxEvents);

    public Presence Presence { get; } = new();

    /// <summary>Whether it is waited for what others have seen: that is asked more often.</summary>
    public bool IsSeenAwaited { get; set; }

    public UserNames Names { get; } = new();

    /// <summary>The run takes no more events.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The run has ended, and all its events are here: there is nothing to wait for.</summary>
    public bool IsOver => HasEnded && Cursor.Last >= _joinedUpTo;

    /// <summary>What the run began as a copy of; null: of nothing, or it is not known yet.</summary>
    public BranchOrigin? BranchedFrom { get; private set; }

    /// <summary>The position to join or poll from; null: from the start, for the history of this log is still to come.</summary>
    public long? Position => _isFresh ? null : Cursor.Last;

    public void Add(EventReader reader) => _readers.Add(reader);

    public void Remove(EventReader reader) => _readers.Remove(reader);

    /// <summary>Nothing will come any more, because of this error if there is one.</summary>
    public void End(CollabException? error)
    {
        foreach (var reader in _readers) reader.End(error);
        _readers.Clear();
    }

    /// <summary>Applies the answer to a join or a poll.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asked">The position that was asked from.</param>
    /// <returns>False if the run's log is another one and the answer tells only its end: ask again, from the new position.</returns>
    public bool Apply(RunAnswer answer, long? asked)
    {
        var isAnother = Cursor.Epoch is { } known && known != answer.Epoch;
        if (isAnother) Forget();
        Cursor = Cursor with { Epoch = answer.Epoch };
        BranchedFrom = answer.BranchedFrom;
        Presence.Replace(answer.ActiveUsers, answer.CursorPositions, answer.Presence);
        _check.Expect(answer.Fingerprint);
        _check.Compare(_fold);
        if (answer.State is { } state) Adopt(state);
        else if (asked is null or 0) Begin(answer.LatestBy ?? Nothing);
        if (isAnother && asked > 0 && answer.LastSequence > 0) return false;

        if (_isFresh) _historyUpTo = answer.LastSequence;
        _joinedUpTo = answer.LastSequence;
        // Another server may not have heard of it yet.
        HasEnded |= answer.Ended;
        _isFresh = false;
        // What the server no longer keeps is a gap that nothing can fill. The state covers it; a list with a hole would mislead.
        if (answer.Truncated) Events.Clear();
        foreach (var e in answer.Events)
        {
            if (e.SequenceNumber is { } sequence && Cursor.Place(sequence) != Placement.Duplicate) Take(e, sequence);
        }
        foreach (var (user, name) in answer.UserNames ?? Nothing) Names.Remember(user, name);
        return true;
    }

    /// <summary>
    /// Goes on from the server's state if it is newer, or holds what this client has never had from it: which fields the newest events are
    /// kept by, say, which no event tells.
    /// </summary>
    private void Adopt(RunState state)
    {
        var (fields, own) = (state.LatestBy ?? Nothing, state.Own?.Keys ?? []);
        var held =
            $"{string.Join(',', fields.OrderBy(f => f.Key, StringComparer.Ordinal))} {string.Join(',', own.Order(StringComparer.Ordinal))}";
        if (state.AsOfSequence < _fold.AsOfSequence) return;
        var isKnown = state.AsOfSequence == _fold.AsOfSequence && held == (_held ?? " ");
        if (isKnown && _check is { IsSure: true, IsWanted: false }) return;
        (_fold, _held) = (new(state, _shape), held);
        _check.Taken(state.AsOfSequence);
        _check.Expect(state.Fingerprint);
        _check.Compare(_fold);
    }

    /// <summary>
    /// Begins to fold at the start of a log whose state no answer has brought, with the fields that the newest events go by.
    /// </summary>
    private void Begin(IReadOnlyDictionary<string, string> fields)
    {
        if (_fold.AsOfSequence > 0) return;
        var entries = (IReadOnlyDictionary<string, LatestEntry>)new Dictionary<string, LatestEntry>();
        var latest = fields.ToDictionary(field => field.Key, _ => entries);
        if (fields.Count > 0) Adopt(RunState.Empty with { LatestBy = fields, Latest = latest });
        _check.Taken(0);
        _check.Compare(_fold);
    }

    /// <summary>The server says what the state comes to after an event, before or as that comes.</summary>
    public void Expect(StateFingerprint fingerprint)
    {
        _check.Expect(fingerprint);
        _check.Compare(_fold);
    }

    /// <summary>Takes events as they happen.</summary>
    /// <returns>
    /// False if critical events are missing before one of these: join again. That one and the critical ones after it are left to the join's
    /// answer.
    /// </returns>
    public bool Receive(IEnumerable<CollaborationEvent> events)
    {
        var isWhole = true;
        foreach (var e in events)
        {
            if (!e.IsCritical)
            {
                Presence.Apply(e);
                Names.Remember(e);
                HandOn(e, isHistory: false);
            }
            else if (isWhole && e.SequenceNumber is { } sequence)
            {
                isWhole = ReceiveCritical(e, sequence);
            }
        }
        return isWhole;
    }

    private bool ReceiveCritical(CollaborationEvent e, long sequence)
    {
        switch (Cursor.Place(sequence))
        {
            case Placement.Next:
                // The rest of a join is no more a live event than its beginning was.
                if (sequence > _joinedUpTo) health.Received();
                Take(e, sequence);
                return true;
            case Placement.Gap:
                health.Missed(sequence - Cursor.Last - 1);
                return false;
            default:
                return true;
        }
    }

    private void Take(CollaborationEvent e, long sequence)
    {
        metrics.Received();
        HasEnded |= e.EventType == EventTypes.RunEnd;
        if (Cursor.Epoch is { } epoch) signatures?.Take(epoch, e, sequence);
        Cursor = Cursor with { Last = sequence };
        _fold.Apply(e);
        _check.Compare(_fold);
        Events.Add(e);
        Names.Remember(e);
        HandOn(e, isHistory: sequence <= _historyUpTo);
    }

    private void HandOn(CollaborationEvent e, bool isHistory)
    {
        foreach (var reader in _readers) reader.Offer(e, Cursor, isHistory);
    }

    private void Forget()
    {
        Cursor = default;
        (_fold, _held) = (new(null, _shape), null);
        _check.Forget();
        signatures?.Forget();
        Events.Clear();
        _isFresh = true;
        HasEnded = false;
        (_joinedUpTo, _historyUpTo) = (0, 0);
    }
}
