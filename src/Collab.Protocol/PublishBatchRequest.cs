namespace Collab.Protocol;

/// <summary>The body of <c>POST …/collaboration/events/batch</c>: 1 to 100 events of one run.</summary>
/// <param name="Events">The events, in the order that they shall have.</param>
/// <param name="Atomic">
/// True: all are stored with numbers in a row, or none is. False, and absent: each stands for itself, but behind the first one that may be
/// tried again none is taken, so that trying again keeps the order. Either way what an event is based on
/// (<see cref="PublishRequest.BasedOnSequence"/>) includes those before it in the batch.
/// </param>
public sealed record PublishBatchRequest(IReadOnlyList<PublishRequest> Events, bool Atomic);
