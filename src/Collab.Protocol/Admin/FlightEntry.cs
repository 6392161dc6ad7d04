namespace Collab.Protocol;

/// <summary>One thing that became of a client's connections, as a server saw it.</summary>
/// <param name="At">When, Unix milliseconds, by that server's clock.</param>
/// <param name="Step">What.</param>
/// <param name="Kind">Of which kind the connection is.</param>
/// <param name="SessionId">The connection.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="RunId">Which run was joined or left; null for other steps.</param>
/// <param name="Reason">Why the server ended it, an <see cref="EndingCode"/> as on the wire; null for other steps.</param>
/// <param name="Cause">What it came of, in a sentence for people; null where there is nothing to say.</param>
/// <param name="Server">The name of the server that saw it.</param>
public sealed record FlightEntry(
    long At,
    FlightStep Step,
    ConnectionKind Kind,
    string SessionId,
    string UserId,
    Guid? RunId,
    string? Reason,
    string? Cause,
    string? Server);
