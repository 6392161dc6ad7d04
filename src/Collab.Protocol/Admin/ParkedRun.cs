namespace Collab.Protocol;

/// <summary>A run that a handler has given up, until an administrator lets it go on.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SequenceNumber">Where: the failed event is the first one for the handler with this number or a higher one.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was given up, Unix milliseconds.</param>
/// <param name="Error">Why it failed last.</param>
public sealed record ParkedRun(Guid RunId, long SequenceNumber, int Attempts, long ParkedAt, string Error);
