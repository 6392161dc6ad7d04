namespace Collab.AspNetCore;

/// <summary>
/// The application's word on each publish, before it is queued. Added by <see cref="CollabBuilder.AddGuard{T}"/>; one instance for all,
/// used by many at once.
/// </summary>
public interface IPublishGuard
{
    /// <summary>
    /// Allows a publish, refuses it, or changes its data. The event's type, its size and its data have been checked, and the user may
    /// publish it; data that a guard changes is checked again. What takes time holds up the publishes of the same connection to the same
    /// run, and no others.
    /// </summary>
    /// <param name="context">What is published, and by whom.</param>
    /// <returns>
    /// The decision. A guard that throws is logged, and the publish refused as <c>unavailable</c>, which clients try again.
    /// </returns>
    ValueTask<GuardDecision> CheckAsync(PublishContext context);
}
