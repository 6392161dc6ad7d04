using Collab.AspNetCore.Events;
using Collab.AspNetCore.Presence;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// What the feeds tell other servers and hear of them, apart from commits. Nothing here is waited for but the beginning of a feed, and an
/// erase.
/// </summary>
internal interface IFeedNews
{
    /// <summary>Whether no other server is there: nothing needs telling.</summary>
    bool IsAlone { get; }

    /// <summary>
    /// A feed is about to read the store: what others commit from here on is heard of, as far as they can be heard. Bounded in time.
    /// </summary>
    ValueTask BeginAsync(Guid runId);

    /// <summary>A feed that has begun has read the store; who is in the run elsewhere is asked for. Bounded in time.</summary>
    ValueTask BegunAsync(Feed feed);

    /// <summary>A feed has ended.</summary>
    void End(Guid runId);

    /// <summary>Whether it is as good as certain that other servers' commits of a run are heard of.</summary>
    bool IsCovered(Guid runId);

    /// <summary>An ephemeral event, as JSON, that is not of presence.</summary>
    void Ephemeral(Guid runId, byte[] json);

    /// <summary>This server has erased a run's log: the others have let go of theirs then, or are not waited for any longer.</summary>
    Task ErasedAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>This server has begun a run's log with events that were not published to it.</summary>
    void Began(Guid runId, Guid epoch, long last);

    /// <summary>Users of this server's have come to a run, gone, moved their cursors, or seen more.</summary>
    void Presence(Guid runId, PresenceNews news);

    /// <summary>
    /// Users of this server's were in a feed that has ended: who is in the run now is told as a whole.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="feed">The feed that took its place; null: there is none, and none of this server's users is there.</param>
    void PresenceAfter(Guid runId, Feed? feed);
}

/// <summary>A server that shares its runs with no other.</summary>
internal sealed class NoFeedNews : IFeedNews, ICommitSink
{
    public static readonly NoFeedNews Instance = new();

    public bool IsAlone => true;

    public ValueTask BeginAsync(Guid runId) => default;

    public ValueTask BegunAsync(Feed feed) => default;

    public void End(Guid runId)
    {
    }

    public bool IsCovered(Guid runId) => false;

    public void Ephemeral(Guid runId, byte[] json)
    {
    }

    public Task ErasedAsync(Guid runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Began(Guid runId, Guid epoch, long last)
    {
    }

    public void Presence(Guid runId, PresenceNews news)
    {
    }

    public void PresenceAfter(Guid runId, Feed? feed)
    {
    }

    public bool Takes(Guid runId, string eventType) => false;

    public void Committed(ReadOnlySpan<Commit> commits)
    {
    }

    public void Found(Guid runId, long sequence)
    {
    }

    public void Flush(ReadOnlySpan<Commit> commits)
    {
    }
}
