using System.Runtime.InteropServices;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Store;

/// <summary>
/// A batch on its way into PostgreSQL: which of its appends are still open, and the answers to the others. Reused from batch to batch.
/// </summary>
internal sealed class PostgresBatch
{
    private readonly List<int> _open = [];
    private readonly List<int> _front = [];
    private readonly List<int> _left = [];
    private readonly HashSet<Guid> _ending = new(KeyedGuids.Instance);
    private readonly List<Appended> _answers = [];
    private readonly List<string?> _signatures = [];
    private readonly Dictionary<Guid, (long Sequence, string? Signature)> _heads = new(KeyedGuids.Instance);
    private AppendBatch _batch;

    /// <summary>The appends without an answer, by their places in the batch.</summary>
    public IReadOnlyList<int> Open => _open;

    /// <summary>Those of <see cref="Open"/> that a commit is tried with.</summary>
    public IReadOnlyList<int> Front => _ending.Count == 0 ? _open : _front;

    /// <summary>In the order of the batch. Whole when nothing is open.</summary>
    public IReadOnlyList<Appended> Answers => _answers;

    public long Timestamp => _batch.Timestamp;

    public Append this[int place] => _batch.Appends[place];

    public IEnumerable<Append> OpenAppends => _open.Select(place => _batch.Appends[place]);

    /// <inheritdoc cref="AppendBatch.HasBasis" />
    public bool HasBasis { get; private set; }

    public void Begin(AppendBatch batch)
    {
        _batch = batch;
        HasBasis = batch.HasBasis();
        _signatures.Clear();
        CollectionsMarshal.SetCount(_answers, batch.Appends.Count);
        _open.Clear();
        for (var place = 0; place < batch.Appends.Count; place++) _open.Add(place);
    }

    /// <summary>Makes a front of what is open: all of it, but nothing behind an event that ends its run.</summary>
    /// <returns>False: nothing is open.</returns>
    public bool TakeFront()
    {
        _left.Clear();
        _ending.Clear();
        if (!_open.Exists(place => _batch.Appends[place].EndsRun)) return _open.Count > 0;
        _front.Clear();
        foreach (var place in _open)
        {
            var append = _batch.Appends[place];
            (_ending.Contains(append.RunId) ? _left : _front).Add(place);
            if (append.EndsRun) _ending.Add(append.RunId);
        }
        return true;
    }

    /// <summary>
    /// Signs the front. The runs are locked, so their next numbers are known, and what comes before. What is of a run that has ended gets
    /// none of them, and is not signed.
    /// </summary>
    /// <param name="runs">Where the runs of the front stand.</param>
    /// <param name="signing">The keys.</param>
    public void Sign(IReadOnlyDictionary<Guid, LockedRun> runs, EventSigning signing)
    {
        CollectionsMarshal.SetCount(_signatures, _answers.Count);
        _heads.Clear();
        foreach (var place in Front)
        {
            var append = _batch.Appends[place];
            var run = runs[append.RunId];
            if (run.HasEnded) continue;
            if (!_heads.TryGetValue(append.RunId, out var head)) head = (run.LastSequence, run.Signature);
            var signature = signing.Sign(append, run.Epoch, head.Sequence + 1, Timestamp, head.Signature);
            _heads[append.RunId] = (head.Sequence + 1, signature);
            _signatures[place] = signature;
        }
    }

    /// <summary>The signature of an append of the front; null: it has none.</summary>
    public string? SignatureOf(int place) => _signatures.Count == 0 ? null : _signatures[place];

    /// <summary>The signature of a run's last append of the front.</summary>
    public string? HeadOf(Guid runId) => _heads.TryGetValue(runId, out var head) ? head.Signature : null;

    /// <summary>An append of the front was committed. What is open stays as it is until <see cref="CloseFront"/>.</summary>
    /// <param name="place">Its place in the batch.</param>
    /// <param name="appended">What it is now.</param>
    public void Answer(int place, in Appended appended) => _answers[place] = appended;

    /// <summary>An append of the front was not committed with the others: its run has ended.</summary>
    /// <param name="place">Its place in the batch.</param>
    public void Leave(int place) => _left.Add(place);

    /// <summary>The front is committed. What is open then is of runs that have ended.</summary>
    public void CloseFront()
    {
        _open.Clear();
        _open.AddRange(_left);
    }

    /// <summary>What is open is no repeat of anything, and comes too late.</summary>
    public void RefuseOpen()
    {
        foreach (var place in _open) _answers[place] = Appended.TooLate;
        _open.Clear();
    }

    /// <summary>
    /// Answers those of the open appends whose ids are there already, and those that may not be stored without one of them.
    /// </summary>
    /// <param name="answerOf">What is there for an append; null if nothing is.</param>
    public void AnswerRepeats(Func<Append, Appended?> answerOf)
    {
        List<int>? foreign = null;
        _open.RemoveAll(place =>
        {
            if (answerOf(_batch.Appends[place]) is not { } found) return false;
            _answers[place] = found;
            if (found.Found == Found.Another) (foreign ??= []).Add(place);
            return true;
        });
        if (foreign is null) return;
        foreach (var group in _batch.Groups.Where(group => group.IsAtomic && foreign.Exists(group.Has))) Withhold(group);
    }

    /// <summary>
    /// Answers those of the open appends that something stands against, and those that may not be stored without one of them. Their runs
    /// are locked, so that those before them in the batch are known to get the next numbers.
    /// </summary>
    /// <param name="runs">Where the runs of the open appends stand.</param>
    /// <param name="stored">What is in the store against an append by its place; null: nothing.</param>
    public void AnswerClashes(IReadOnlyDictionary<Guid, LockedRun> runs, Func<int, IReadOnlyList<LoggedEvent>?> stored)
    {
        var before = new Dictionary<Guid, List<int>>(KeyedGuids.Instance);
        var refused = new HashSet<int>();
        for (var i = 0; i < _open.Count;)
        {
            var place = _open[i];
            var group = _batch.GroupOf(place) ?? new(place, 1, IsAtomic: false);
            var members = _open.Skip(i).TakeWhile(group.Has).ToArray();
            i += members.Length;
            var run = runs[_batch.Appends[place].RunId];
            if (run.HasEnded) continue;
            if (!before.TryGetValue(_batch.Appends[place].RunId, out var earlier))
                before.Add(_batch.Appends[place].RunId, earlier = []);
            var clashing = members.Where(member => IsClashing(member, run, earlier, stored)).ToHashSet();
            if (group.IsAtomic && clashing.Count > 0)
            {
                foreach (var member in members.Where(member => !clashing.Contains(member))) _answers[member] = Appended.Withheld;
                clashing.UnionWith(members);
            }
            refused.UnionWith(clashing);
            earlier.AddRange(members.Where(member => !clashing.Contains(member)));
        }
        if (refused.Count > 0) _open.RemoveAll(refused.Contains);
    }

    private bool IsClashing(int place, LockedRun run, List<int> earlier, Func<int, IReadOnlyList<LoggedEvent>?> stored)
    {
        if (_batch.Appends[place].Basis is not { } basis) return false;
        List<LoggedEvent> clashes = [.. stored(place) ?? []];
        for (var i = 0; i < earlier.Count; i++)
        {
            var append = _batch.Appends[earlier[i]];
            if (basis.Sequence < run.LastSequence + i + 1 && basis.Subject.IsOf(append.EventType, append.Data))
                clashes.Add(EventOf(append, run.LastSequence + i + 1));
        }
        var isKnown = basis.Sequence <= run.LastSequence + earlier.Count && basis.Sequence >= run.FoldedSequence;
        if (clashes.Count == 0 && isKnown) return false;
        _answers[place] = Appended.Clashing(run.LastSequence + earlier.Count, [.. clashes.TakeLast(Basis.MostClashes)]);
        return true;
    }

    private LoggedEvent EventOf(in Append append, long sequence) => new(
        append.RunId, sequence, append.EventType, append.UserId, append.UserName, Timestamp, append.MessageId, append.Data);

    private void Withhold(AppendsTogether group) => _open.RemoveAll(place =>
    {
        if (!group.Has(place)) return false;
        _answers[place] = Appended.Withheld;
        return true;
    });
}
