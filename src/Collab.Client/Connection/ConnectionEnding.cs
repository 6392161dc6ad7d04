using Collab.Protocol;

namespace Collab.Client;

/// <summary>Why the server ended a connection, or what was asked for by polling.</summary>
/// <param name="Code">Why.</param>
/// <param name="Message">What the server says about it.</param>
/// <param name="At">When, by this machine's clock.</param>
public sealed record ConnectionEnding(EndingCode Code, string Message, DateTimeOffset At);
