namespace Collab.AspNetCore;

/// <summary>
/// Carries messages between the servers of one installation. It may lose, repeat and reorder them: what is written stands in the store, and
/// numbers decide. Nothing here throws because an engine is away, and nothing but a subscription is waited for.
/// </summary>
public interface ICollabBus : IAsyncDisposable
{
    /// <summary>What it is called in health, metrics and logs, such as <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>How many bytes one message may have. Longer ones are not offered.</summary>
    int MaxMessageBytes { get; }

    /// <summary>
    /// Connects, and connects again whenever it is lost, until it is told to stop. Every server hears what is published for all, from the
    /// time at which <see cref="ICollabBusReceiver.StateChanged"/> says that it is connected.
    /// </summary>
    /// <param name="receiver">Told of messages and of the state.</param>
    /// <param name="stopping">Ends it.</param>
    /// <returns>Ends when it was told to stop.</returns>
    Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping);

    /// <summary>Sends to the servers that have subscribed to a run.</summary>
    /// <param name="runId">The run; null: to all servers, this one too.</param>
    /// <param name="message">The message; not changed afterwards.</param>
    /// <returns>Whether it was sent as far as that can be told at once. It never waits.</returns>
    bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message);

    /// <summary>Subscribes to a run's messages.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when each message that is sent from now on will come, as long as the bus is connected.</returns>
    ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Ends a subscription.</summary>
    /// <param name="runId">The run.</param>
    void Unsubscribe(Guid runId);
}
