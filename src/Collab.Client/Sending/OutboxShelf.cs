namespace Collab.Client;

/// <summary>
/// The queues of all who have spoken over one connection. What waits belongs to the user who has said it: when another one signs in it
/// stays, and is sent when the first one is back. Used from turns only.
/// </summary>
/// <param name="fileOf">Where the sends of a user are kept; null: in memory only.</param>
internal sealed class OutboxShelf(Func<string, QueueFile?> fileOf)
{
    private readonly Dictionary<string, OutboxQueue> _queues = new(StringComparer.Ordinal);

    /// <summary>Who speaks now. Null: no token has said it yet; empty: tokens do not say.</summary>
    public string? User { get; private set; }

    /// <summary>What this user has to say. What is said before anybody is known is the first one's.</summary>
    public OutboxQueue Queue { get; private set; } = new();

    /// <summary>Nobody is known until the next token.</summary>
    public void Forget()
    {
        if (User is null) return;
        User = null;
        Queue = new();
    }

    /// <summary>From now on this user speaks, who was not the one until now.</summary>
    public void Change(string user)
    {
        var unclaimed = User is null ? Queue : null;
        User = user;
        if (!_queues.TryGetValue(user, out var queue)) _queues.Add(user, queue = new() { File = fileOf(user) });
        if (unclaimed is not null) queue.TakeOver(unclaimed);
        Queue = queue;
    }
}
