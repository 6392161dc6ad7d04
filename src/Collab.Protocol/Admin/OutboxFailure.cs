namespace Collab.Protocol;

/// <summary>An event of the outbox that cannot be published.</summary>
/// <param name="Id">Its row.</param>
/// <param name="RunId">The run that it is for; all zeros if the row names none.</param>
/// <param name="MessageId">Its message id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="UserId">Who it is by.</param>
/// <param name="CreatedAt">When it was inserted, Unix milliseconds.</param>
/// <param name="FailedAt">When it was set aside, Unix milliseconds.</param>
/// <param name="Error">Why.</param>
public sealed record OutboxFailure(
    long Id, Guid RunId, Guid MessageId, string EventType, string UserId, long CreatedAt, long FailedAt, string Error);
