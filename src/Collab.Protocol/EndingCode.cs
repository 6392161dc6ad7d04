namespace Collab.Protocol;

/// <summary>
/// Why the server ended a connection. SignalR's close message carries it as <c>[code] sentence</c>, an event stream as its last message,
/// which is named <c>end</c>.
/// </summary>
public enum EndingCode
{
    /// <summary><c>slow</c>: the client did not read what it was sent. It can come back, and gets what it has missed.</summary>
    Slow,

    /// <summary><c>expired</c>: the token has ended. Come back with a new one.</summary>
    Expired,

    /// <summary><c>revoked</c>: the right to read the run was taken away.</summary>
    Revoked,

    /// <summary><c>kicked</c>: an administrator or the application ended the connection.</summary>
    Kicked,

    /// <summary><c>replaced</c>: the run was erased, or its log replaced. Join again: its epoch is another one.</summary>
    Replaced,

    /// <summary><c>shutdown</c>: this server ends. Come back, to another one or to this one later.</summary>
    Shutdown,

    /// <summary><c>too_many</c>: the user has more connections than are allowed. Come back later.</summary>
    TooMany,

    /// <summary><c>idle</c>: nothing came from the client for too long. Come back.</summary>
    Idle,

    /// <summary><c>protocol</c>: what the client sent is not the protocol, or too large. It would happen again.</summary>
    Protocol,
}
