namespace Collab.AspNetCore;

/// <summary>Hears what an <see cref="ICollabBus"/> brings. It returns at once and never throws.</summary>
public interface ICollabBusReceiver
{
    /// <summary>A message came, perhaps one of this server's own.</summary>
    /// <param name="message">The message; not changed afterwards.</param>
    void Received(ReadOnlyMemory<byte> message);

    /// <summary>The bus is connected, subscriptions and all, or has lost its connection.</summary>
    /// <param name="isConnected">Which.</param>
    void StateChanged(bool isConnected);
}
