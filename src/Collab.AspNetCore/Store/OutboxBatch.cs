namespace Collab.AspNetCore.Store;

/// <summary>Rows of the outbox, sorted by what becomes of them.</summary>
internal sealed class OutboxBatch
{
    private readonly HashSet<(Guid, Guid)> _ids = [];

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

    private void Add(long id, in Append append)
    {
        Done.Add(id);
        if (_ids.Add((append.RunId, append.MessageId))) Appends.Add(append);
    }
}
