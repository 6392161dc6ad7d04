using Collab.Protocol;

namespace Collab.Client;

/// <summary>What a sender tells of what it sends.</summary>
internal interface ISenderOwner
{
    /// <summary>A send has got further, or has to wait again.</summary>
    void Update(OutboxEntry entry, PendingSend send);

    /// <summary>The server has it.</summary>
    void Acknowledged(OutboxEntry entry, PublishAck ack);

    /// <summary>The server refused it for good.</summary>
    void Refused(OutboxEntry entry, CollabException refusal);

    /// <summary>The server does not take the token any more.</summary>
    void Unauthorized();

    /// <summary>What the server's clock says: this client has signed by another.</summary>
    void TellServerTime(DateTimeOffset now);
}
