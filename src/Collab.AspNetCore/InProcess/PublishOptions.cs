namespace Collab.AspNetCore;

/// <summary>How the application publishes.</summary>
public sealed record PublishOptions
{
    /// <summary>
    /// Whose event it is, 1 to 256 characters. Default: the name of the application (<c>IHostEnvironment.ApplicationName</c>).
    /// </summary>
    public string? UserId { get; init; }

    /// <summary>What to call that user, up to 128 characters. Default: by the id.</summary>
    public string? UserName { get; init; }

    /// <summary>
    /// The event's id, the same in every repeat. Default: the event's own (<see cref="NewEvent.MessageId"/>), or a new one.
    /// </summary>
    public Guid? MessageId { get; init; }

    /// <summary>
    /// The newest event of the run that what is published takes into account, 0 or more; 0: none. If one after it touches the same, it is
    /// refused <see cref="Protocol.CollabErrorCode.Conflict"/>, with <see cref="CollabRefusedException.ConflictingEvents"/>. The same: the
    /// step (<c>after</c> of a GRAFT, <c>stepId</c> of a PRUNE or FLAG), else the value of the field that the type keeps its newest events
    /// by, else the whole run. Several events that are published together do not clash with each other. Default, null: nothing clashes.
    /// </summary>
    public long? BasedOnSequence { get; init; }
}
