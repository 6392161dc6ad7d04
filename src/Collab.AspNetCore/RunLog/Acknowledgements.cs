namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Ends the waits of a batch's publishers, one after the other on one thread. The acknowledgements of one connection so are written in one go and leave in
/// one packet, where a thread for each would send them one by one.
/// </summary>
internal sealed class Acknowledgements(PendingAppend[] appends) : IThreadPoolWorkItem
{
    /// <summary>So many are told sooner than another thread wakes up.</summary>
    public const int Few = 4;

    /// <summary>Tells each publisher here and now what has become of its event. What waits for that goes on here.</summary>
    public static void Send(IReadOnlyList<PendingAppend> appends)
    {
        foreach (var append in appends) append.Complete();
    }

    /// <summary>Tells them on a thread of the pool, while the writer goes on with the next batch.</summary>
    public static void Queue(IReadOnlyCollection<PendingAppend> appends)
    {
        if (appends.Count > 0) ThreadPool.UnsafeQueueUserWorkItem(new Acknowledgements([.. appends]), preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => Send(appends);
}
