namespace Collab.Client;

/// <summary>In which form messages go over the WebSocket. What they say is the same.</summary>
public enum HubProtocol
{
    /// <summary>Text that every tool can show. The cheapest to read.</summary>
    Json,

    /// <summary>Fewer bytes, for a bit more work at both ends: for slow or metered networks.</summary>
    MessagePack,
}
