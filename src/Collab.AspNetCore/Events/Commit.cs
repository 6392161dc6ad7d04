namespace Collab.AspNetCore.Events;

/// <summary>An event that is durable, and the log that it is in. This server's writers make it, or another server's have.</summary>
internal readonly record struct Commit(Guid RunId, Guid Epoch, LoggedEvent Event);

/// <summary>Where commits go. A sink waits for nothing.</summary>
internal interface ICommitSink
{
    /// <summary>Whether it needs a run's commits of a type. An event that no sink takes is not serialised.</summary>
    bool Takes(Guid runId, string eventType);

    /// <summary>Events were committed, in the order of their runs, and their publishers do not know yet.</summary>
    void Committed(ReadOnlySpan<Commit> commits);

    /// <summary>A publisher is about to hear that an event is in the log, which this server's writers may not have told of.</summary>
    void Found(Guid runId, long sequence);

    /// <summary>The publishers of these commits have been answered: they can be sent on.</summary>
    void Flush(ReadOnlySpan<Commit> commits);
}
