using System.Runtime.InteropServices;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.RunLog;

/// <summary>Hands one writer's commits to all sinks, each event serialised once, if any sink takes it.</summary>
internal sealed partial class CommitSinks(IReadOnlyList<ICommitSink> sinks, ILogger logger)
{
    private readonly List<Commit> _commits = [];

    /// <summary>
    /// Tells the sinks what has become of appends. The events are durable, so whatever a sink does, their publishers hear so.
    /// </summary>
    public void Commit(IReadOnlyList<Append> appends, IReadOnlyList<Appended> answers)
    {
        var before = _commits.Count;
        for (var i = 0; i < appends.Count; i++)
        {
            var (append, appended) = (appends[i], answers[i]);
            if (appended.Found == Found.Nothing && IsTaken(append.RunId, append.EventType)) _commits.Add(CommitOf(append, appended));
        }
        foreach (var sink in sinks)
        {
            try
            {
                sink.Committed(CollectionsMarshal.AsSpan(_commits)[before..]);
                for (var i = 0; i < appends.Count; i++)
                {
                    if (answers[i].Found == Found.Itself) sink.Found(appends[i].RunId, answers[i].Sequence);
                }
            }
            catch (Exception e)
            {
                // A follower finds the gap and reads the store.
                LogFailed(e);
            }
        }
    }

    /// <summary>The publishers of all that was committed since the last time have been answered.</summary>
    public void Flush()
    {
        foreach (var sink in sinks) sink.Flush(CollectionsMarshal.AsSpan(_commits));
        _commits.Clear();
    }

    private static Commit CommitOf(in Append append, in Appended appended)
    {
        var (runId, messageId, eventType, userId, userName, data) = append;
        return new(runId, appended.Epoch, new(
            runId, appended.Sequence, eventType, userId, userName, appended.Timestamp, messageId, data, appended.Signature));
    }

    private bool IsTaken(Guid runId, string eventType)
    {
        foreach (var sink in sinks)
        {
            if (sink.Takes(runId, eventType)) return true;
        }
        return false;
    }

    [LoggerMessage(LogLevel.Error, "Committed events could not be sent on.")]
    private partial void LogFailed(Exception exception);
}
