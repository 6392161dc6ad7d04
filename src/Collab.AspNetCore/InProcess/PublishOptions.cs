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
}
