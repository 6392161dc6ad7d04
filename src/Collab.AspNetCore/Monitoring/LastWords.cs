namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// The hub's transports that still have something to send. When a server stops, SignalR closes its transports at once, and a connection
/// that has just been told why it ends would lose that message: the stop waits for them, for a moment.
/// </summary>
internal sealed class LastWords
{
    /// <summary>What a client that reads needs by far; one that does not read delays a stop, or its own end, by no more.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private int _open;

    public async Task RunAsync(Task transport)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await transport;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>Blocks, since what is registered for a stop cannot be awaited.</summary>
    public void Wait() => SpinWait.SpinUntil(() => Volatile.Read(ref _open) == 0, Moment);
}
