namespace Collab.Client;

/// <summary>One thing that became of a connection.</summary>
/// <param name="At">When, by this machine's clock; of a step that came several times in a row, the last time.</param>
/// <param name="Step">What.</param>
/// <param name="Cause">
/// What it came of, in a sentence; null where there is nothing to say. A guess where only a proxy or the network knows.
/// </param>
/// <param name="Times">How often it came in a row, with the same cause.</param>
public sealed record ConnectionFlightEntry(DateTimeOffset At, ConnectionStep Step, string? Cause, int Times);
