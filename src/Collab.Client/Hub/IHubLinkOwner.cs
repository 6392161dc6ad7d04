using Collab.Protocol;

namespace Collab.Client;

/// <summary>What a hub link asks and tells. Nothing is told after its end.</summary>
internal interface IHubLinkOwner
{
    /// <summary>The position to join from; null: from the start.</summary>
    long? Position { get; }

    /// <summary>How often this client has come back if the link succeeds.</summary>
    int Reconnects { get; }

    /// <summary>A join was answered. False: join again, from the new position.</summary>
    bool Joined(HubLink link, RunAnswer answer, long? asked);

    /// <summary>Events came. False: some before them are missing, join again.</summary>
    bool Received(IEnumerable<CollaborationEvent> events);

    /// <summary>The server says what the state comes to after an event that is yet to come, or has just.</summary>
    void Told(StateFingerprint fingerprint);

    /// <summary>The link was lost or never came to be. Told once.</summary>
    void Ended(HubLink link, Exception? reason);
}
