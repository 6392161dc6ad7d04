namespace Collab.Storage;

/// <summary>One run: where its log stands, and what its trimmed events add up to.</summary>
public sealed class RunRow
{
    /// <summary>The run's id.</summary>
    public Guid Id { get; set; }

    /// <summary>Identity of this log. Made with the first event; another epoch means another log under the same run id.</summary>
    public Guid Epoch { get; set; }

    /// <summary>The highest sequence number given out. Every append takes its numbers from here, with the row locked.</summary>
    public long LastSequence { get; set; }

    /// <summary>The pipeline state after <see cref="FoldedSequence"/>, as the JSON of the wire type <c>RunState</c>.</summary>
    public string FoldedState { get; set; } = "{}";

    /// <summary>The highest sequence number that has been trimmed and folded into <see cref="FoldedState"/>; 0: none yet.</summary>
    public long FoldedSequence { get; set; }

    /// <summary>
    /// The number of the <c>RUN_END</c> that closed the run: no event is taken any more. Null: it goes on. It says nothing where it is
    /// beyond <see cref="LastSequence"/>: a server that does not know it has erased the run.
    /// </summary>
    public long? EndedSequence { get; set; }

    /// <summary>When the first event was committed (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When the newest event was committed (UTC).</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The run that this one began as a copy of; null: of none.</summary>
    public Guid? BranchedFrom { get; set; }

    /// <summary>The last event that was copied from <see cref="BranchedFrom"/>; null: none was.</summary>
    public long? BranchedFromSequence { get; set; }

    /// <summary>The epoch that the signatures below are of. They say nothing where it is not <see cref="Epoch"/>.</summary>
    public Guid? SignedEpoch { get; set; }

    /// <summary>The first event that was signed.</summary>
    public long? SignedFrom { get; set; }

    /// <summary>The newest event that was signed.</summary>
    public long? SignedSequence { get; set; }

    /// <summary>The signature of that event.</summary>
    public string? Signature { get; set; }

    /// <summary>The signature of the event <see cref="FoldedSequence"/>, which is not kept any more; null: it had none.</summary>
    public string? FoldedSignature { get; set; }

    /// <summary>What signs <see cref="FoldedState"/>; or <c>!</c> and the number of an event that was wrong when it was trimmed.</summary>
    public string? StateSignature { get; set; }
}
