using Collab.Protocol;

namespace Collab.Client;

/// <summary>What takes sends to the server: the hub, or HTTP.</summary>
internal interface ICarrier
{
    /// <summary>Between two cursor moves, at least.</summary>
    TimeSpan CursorInterval { get; }

    /// <summary>
    /// Publishes one send, as this user and nobody else. Throws a <see cref="CollabException"/> where the server refused it, and a
    /// <see cref="NoAnswerException"/> where nobody knows what became of it.
    /// </summary>
    Task<PublishAck> PublishAsync(PendingSend send, string userId);

    /// <summary>Tells where the user's focus is; if that fails, nobody minds.</summary>
    Task MoveCursorAsync(string? nodeId);
}
