using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>A batch each of whose events stands for itself, up to the first refusal that may be tried again.</summary>
internal sealed class BatchInOrder(int count)
{
    private readonly HashSet<Guid> _ids = new(KeyedGuids.Instance);
    private readonly Publish?[] _admitted = new Publish?[count];

    /// <summary>What became of each; null: it was admitted, and is not known yet.</summary>
    public PublishResult[] Results { get; } = new PublishResult[count];

    /// <summary>Where the refusal stands behind which nothing is taken.</summary>
    public int End { get; private set; } = count;

    /// <summary>What is to be stored.</summary>
    public IEnumerable<(int Place, Publish Publish)> Critical => Admitted.Where(a => a.Publish.Type.IsCritical);

    /// <summary>What is to be sent and not stored.</summary>
    public IEnumerable<(int Place, Publish Publish)> Ephemeral => Admitted.Where(a => !a.Publish.Type.IsCritical);

    private IEnumerable<(int Place, Publish Publish)> Admitted =>
        from place in Enumerable.Range(0, End)
        let publish = _admitted[place]
        where publish is not null
        select (place, publish.Value);

    public static PublishResult Refused(RefusedException refusal) =>
        new(Error: new(
            refusal.Code.ToWire(), refusal.Detail, refusal.RetryAfter is { } after ? (long)Math.Ceiling(after.TotalMilliseconds) : null)
        {
            Events = refusal.ConflictingEvents is { Count: > 0 } events ? events : null,
            ServerTimestamp = refusal.ServerTimestamp,
        });

    /// <exception cref="RefusedException"><c>invalid_event</c>: one before it has its id.</exception>
    public void Admit(int place, Publish publish)
    {
        if (!_ids.Add(publish.MessageId)) throw RefusedException.Invalid("messageId: another event of the batch has it.");
        _admitted[place] = publish;
    }

    /// <summary>Refuses one, and if it may be tried again all behind it.</summary>
    public void Refuse(int place, RefusedException refusal)
    {
        Results[place] = Refused(refusal);
        if (!refusal.Code.IsRetryable()) return;
        Array.Fill(Results, Results[place], place, Results.Length - place);
        End = place;
    }
}
