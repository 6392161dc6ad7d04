using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Events of one run, no two with one id, that wait in the queue as one item: nothing comes between them. If it is atomic, all are stored
/// with numbers in a row, or none is; one that was stored before is answered as the repeat that it is. Else each stands for itself, but
/// behind the first that may be tried again none is stored, so that trying again keeps the order.
/// </summary>
internal sealed class AppendGroup
{
    private readonly TaskCompletionSource _completion = new();
    private readonly QueuedAppend[] _members;

    public AppendGroup(IReadOnlyList<Append> appends, bool isAtomic, long queuedAt)
    {
        IsAtomic = isAtomic;
        _members = [.. appends.Select(append => new QueuedAppend(append, queuedAt, this))];
    }

    public bool IsAtomic { get; }

    public IReadOnlyList<QueuedAppend> Members => _members;

    /// <summary>
    /// Ends when it is known what has become of each; goes on where the last one was completed, as a single one's publisher does.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// If it is not atomic: why one of it was refused that may be tried again. Those behind it are refused for the same reason.
    /// </summary>
    public RefusedException? EndedBy { get; private set; }

    /// <summary>If it is atomic and complete: why nothing of it was stored. Null: all of it is in the log.</summary>
    public RefusedException? Refusal()
    {
        var culprit = Array.FindIndex(_members, member => member is { IsRefused: true, Found: not Found.AnotherInGroup });
        if (culprit < 0) return null;
        var refusal = _members[culprit].Refusal!;
        return _members[culprit].Found is Found.Another or Found.Clash ? refusal.At(culprit) : refusal;
    }

    /// <summary>One of it will not be stored.</summary>
    public void Refused(RefusedException reason)
    {
        if (!IsAtomic && reason.Code.IsRetryable()) EndedBy ??= reason;
    }

    /// <summary>It is known what has become of one of it, and of all before that one.</summary>
    public void Completed(QueuedAppend member)
    {
        if (member == _members[^1]) _completion.SetResult();
    }
}
