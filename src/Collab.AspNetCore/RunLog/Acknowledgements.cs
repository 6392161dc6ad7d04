namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Ends the waits of a batch's publishers, one after the other on one thread of the pool, while the writer goes on with the next batch. The
/// acknowledgements of one connection so are written in one go and leave in one packet, where a thread for each would send them one by one.
/// </summary>
internal sealed class Acknowledgements(QueuedAppend[] appends) : IThreadPoolWorkItem
{
    /// <summary>Tells each publisher what has become of its event.</summary>
    public static void Send(IReadOnlyList<QueuedAppend> appends)
    {
        if (appends.Count > 0) ThreadPool.UnsafeQueueUserWorkItem(new Acknowledgements([.. appends]), preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        foreach (var append in appends) append.Complete();
    }
}
