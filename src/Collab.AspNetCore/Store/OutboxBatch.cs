namespace Collab.AspNetCore.Store;

/// <summary>Rows of the outbox, sorted by what becomes of them.</summary>
internal sealed class OutboxBatch
{
    private readonly HashSet<(Guid, Guid)> _ids = [];
    private readonly Dictionary<long, (Guid, Guid)> _idsOfRows = [];

    /// <summary>What goes into the logs.</summary>
    public List<Append> Appends { get; } = [];

    /// <summary>The rows that are done with it: a message id that occurs twice is one event.</summary>
    public List<long> Done { get; } = [];

    /// <summary>The rows that cannot be published.</summary>
    public List<(long Id, string Problem)> Failed { get; } = [];

    public bool IsEmpty => Done.Count == 0 && Failed.Count == 0;

    public void Add(in OutboxCandidate row, OutboxJudge judge)
    {
        var (append, problem) = judge(row);
        if (problem is not null) Fail(row.Id, problem);
        else Add(row.Id, append);
    }

    public void Fail(long id, string problem) => Failed.Add((id, problem));

    /// <summary>The rows whose runs have ended are not done: they cannot be published.</summary>
    /// <param name="answers">What the logs have for each of <see cref="Appends"/>.</param>
    public void SetAsideTooLate(IReadOnlyList<Appended> answers)
    {
        HashSet<(Guid, Guid)> late =
            [.. Appends.Where((_, place) => answers[place].Found == Found.End).Select(append => (append.RunId, append.MessageId))];
        if (late.Count == 0) return;
        foreach (var id in Done.Where(id => late.Contains(_idsOfRows[id]))) Fail(id, "The run has ended and takes no more events.");
        Done.RemoveAll(id => late.Contains(_idsOfRows[id]));
    }

    private void Add(long id, in Append append)
    {
        Done.Add(id);
        _idsOfRows[id] = (append.RunId, append.MessageId);
        if (_ids.Add((append.RunId, append.MessageId))) Appends.Add(append);
    }
}
