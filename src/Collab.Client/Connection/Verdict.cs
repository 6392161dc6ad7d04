namespace Collab.Client;

/// <summary>What the end of an attempt, a connection or a poll comes to.</summary>
/// <param name="Refusal">By the server; null if it refused nothing.</param>
/// <param name="IsFinal">Whether it will not have this client any more.</param>
internal readonly record struct Verdict(CollabException? Refusal, bool IsFinal);
