using System.Threading.Channels;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.RunLog;

/// <summary>What a writer has taken off its queue, and which part of it goes to the store. Reused from batch to batch.</summary>
internal sealed class Intake(
    ChannelReader<QueuedAppend> queue, IRecent recent, StuckRuns stuck, AppendAnswers answers)
{
    /// <summary>A group may go beyond it, for it is not cut.</summary>
    public const int MaxBatchSize = 256;

    private readonly Dictionary<(Guid, Guid), QueuedAppend> _ids = new(KeyedGuids.Instance);
    private readonly List<(QueuedAppend Repeat, QueuedAppend First)> _twins = [];
    private readonly List<QueuedAppend> _batch = new(MaxBatchSize);
    private List<QueuedAppend> _taken = new(MaxBatchSize);
    private List<QueuedAppend> _putOff = [];

    /// <summary>Something was put off: there is a next batch whether anything is queued or not.</summary>
    public bool HasLeft => _putOff.Count > 0;

    /// <summary>What its publishers will be answered about after this batch.</summary>
    public IReadOnlyList<QueuedAppend> Taken => _taken;

    /// <summary>What of it goes to the store.</summary>
    public IReadOnlyList<QueuedAppend> Batch => _batch;

    /// <summary>Some of the batch may be in the store, in this log or in one that was erased.</summary>
    public bool MayRepeat { get; private set; }

    /// <summary>There are groups in it.</summary>
    public bool HasGroups { get; private set; }

    /// <summary>Takes what was put off, and what is queued behind it.</summary>
    public void Take()
    {
        (_taken, _putOff) = (_putOff, _taken);
        _putOff.Clear();
        while (_taken.Count < MaxBatchSize && queue.TryRead(out var item)) AddTo(_taken, item);
    }

    /// <summary>
    /// Leaves out known ids and stuck runs, and sets aside ids that occur twice in this very batch: they get what the first one gets. A
    /// group that has such an id waits for the next batch, and what is behind it too: whether it may be stored is known when the first one
    /// is.
    /// </summary>
    public void SortOut()
    {
        _batch.Clear();
        _ids.Clear();
        _twins.Clear();
        (MayRepeat, HasGroups) = (false, false);
        for (var place = 0; place < _taken.Count;)
        {
            var append = _taken[place];
            if (append.Group is not { } group)
            {
                SortOut(append);
                place++;
            }
            else if (HasIdIn(group))
            {
                _putOff.AddRange(_taken[place..]);
                _taken.RemoveRange(place, _taken.Count - place);
            }
            else
            {
                SortOut(group);
                place += group.Members.Count;
            }
        }
    }

    /// <summary>Gives those that came a second time what the first ones got.</summary>
    public void AnswerTwins()
    {
        foreach (var (repeat, first) in _twins) repeat.Follow(first);
    }

    /// <summary>Takes what waits behind this batch.</summary>
    public List<QueuedAppend> TakeWaiting()
    {
        List<QueuedAppend> waiting = [.. _putOff];
        _putOff.Clear();
        // Not until it is empty: who is refused and comes back at once must not be refused by the same failure again.
        for (var items = queue.Count; items > 0 && queue.TryRead(out var item); items--) AddTo(waiting, item);
        return waiting;
    }

    private static void AddTo(List<QueuedAppend> appends, QueuedAppend item)
    {
        if (item.Group is null) appends.Add(item);
        else appends.AddRange(item.Group.Members);
    }

    private static (Guid, Guid) IdOf(QueuedAppend append) => (append.RunId, append.Append.MessageId);

    private void SortOut(QueuedAppend append)
    {
        var id = IdOf(append);
        MayRepeat |= recent.MayBeThere(append.Append);
        if (recent.TryRecognise(append.Append, out var known)) answers.Answer(append, known);
        else if (append.Group?.EndedBy is { } reason) answers.Refuse(append, reason);
        else if (stuck.MustWait(append.RunId)) answers.Refuse([append], StuckRuns.Refusal);
        else if (_ids.TryAdd(id, append)) _batch.Add(append);
        else _twins.Add((append, _ids[id]));
    }

    private void SortOut(AppendGroup group)
    {
        HasGroups = true;
        if (stuck.MustWait(group.Members[0].RunId)) answers.Refuse(group.Members, StuckRuns.Refusal);
        else if (group.IsAtomic && IsForeign(group)) Withhold(group);
        else foreach (var member in group.Members) SortOut(member);
    }

    private bool HasIdIn(AppendGroup group) => _ids.Count > 0 && group.Members.Any(member => _ids.ContainsKey(IdOf(member)));

    /// <summary>Whether an event of another user or type is known to have one of its ids.</summary>
    private bool IsForeign(AppendGroup group) =>
        group.Members.Any(member => recent.TryRecognise(member.Append, out var known) && known.Found == Store.Found.Another);

    private void Withhold(AppendGroup group)
    {
        foreach (var member in group.Members)
            answers.Answer(member, recent.TryRecognise(member.Append, out var known) ? known : Store.Appended.Withheld);
    }
}
