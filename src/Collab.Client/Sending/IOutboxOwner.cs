namespace Collab.Client;

/// <summary>What an outbox asks and tells.</summary>
internal interface IOutboxOwner
{
    /// <summary>Whether the run takes no more events.</summary>
    bool HasEnded { get; }

    /// <summary>Where the sends of a user are kept; null: in memory only.</summary>
    QueueFile? FileOf(string user);

    /// <summary>Something that applications see has changed.</summary>
    void Changed();

    /// <summary>The server does not take the token any more.</summary>
    void Unauthorized();

    /// <summary>What the server's clock says: this client has signed by another.</summary>
    void TellServerTime(DateTimeOffset now);
}
