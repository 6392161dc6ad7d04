namespace Collab.Protocol;

/// <summary>An agent that was inserted into the pipeline.</summary>
/// <param name="AgentName">The agent.</param>
/// <param name="UserId">Who inserted it.</param>
/// <param name="SequenceNumber">The event that did.</param>
public sealed record GraftEntry(string AgentName, string UserId, long SequenceNumber);
