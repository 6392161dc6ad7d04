using System.Runtime.InteropServices;

namespace Collab.AspNetCore.Store;

/// <summary>
/// A batch on its way into PostgreSQL: which of its appends are still open, and the answers to the others. Reused from batch to batch.
/// </summary>
internal sealed class PostgresBatch
{
    private readonly List<int> _open = [];
    private readonly List<Appended> _answers = [];
    private AppendBatch _batch;

    /// <summary>The appends without an answer, by their places in the batch.</summary>
    public IReadOnlyList<int> Open => _open;

    /// <summary>In the order of the batch. Whole when nothing is open.</summary>
    public IReadOnlyList<Appended> Answers => _answers;

    public long Timestamp => _batch.Timestamp;

    public Append this[int place] => _batch.Appends[place];

    public IEnumerable<Append> OpenAppends => _open.Select(place => _batch.Appends[place]);

    public void Begin(AppendBatch batch)
    {
        _batch = batch;
        CollectionsMarshal.SetCount(_answers, batch.Appends.Count);
        _open.Clear();
        for (var place = 0; place < batch.Appends.Count; place++) _open.Add(place);
    }

    /// <summary>An open append was committed.</summary>
    /// <param name="n">Its place in <see cref="Open"/>, which stays as it is.</param>
    /// <param name="appended">What it is now.</param>
    public void Answer(int n, in Appended appended) => _answers[_open[n]] = appended;

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
        foreach (var group in _batch.Groups.Where(group => foreign.Exists(group.Has))) Withhold(group);
    }

    private void Withhold(AtomicGroup group) => _open.RemoveAll(place =>
    {
        if (!group.Has(place)) return false;
        _answers[place] = Appended.Withheld;
        return true;
    });
}
