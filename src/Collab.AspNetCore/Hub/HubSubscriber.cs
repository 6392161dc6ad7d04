using System.Runtime.CompilerServices;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Presence;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A hub connection that follows a run. It writes frame after frame as long as the connection takes them at once; when one has to wait, the
/// end of that wait goes on. Nobody waits for it, and nothing is allocated per frame.
/// </summary>
internal sealed partial class HubSubscriber : Subscriber
{
    /// <summary>About a frame: less is not falling behind, only a moment's delay.</summary>
    private const long SkipWhenBehindBytes = 64 * 1024;

    private readonly HubConnectionContext _connection;
    private readonly ConnectionRecord _record;
    private readonly Guid _runId;
    private readonly Feeds _feeds;
    private readonly ILogger _logger;
    private readonly FrameForm<FrameMessage> _form;
    private readonly Action _resume;
    private Feed? _feed;
    private ValueTaskAwaiter _write;
    private int _isWriting = 1;
    private volatile bool _isStopped;
    private volatile bool _isPaused;
    private bool _hasSkipped;
    private bool _mustReadBack;

    /// <summary>How many moves of marks its client has been told of.</summary>
    private long _marksTold;

    public HubSubscriber(
        HubConnectionContext connection, ConnectionRecord record, string userId, Guid runId, Feeds feeds, ILogger logger,
        bool wantsFingerprints = false)
        : base(userId)
    {
        (_connection, _record, _runId, _feeds, _logger) = (connection, record, runId, feeds, logger);
        WantsFingerprints = wantsFingerprints;
        _form = HubFrames.For(connection.Protocol, wantsFingerprints);
        _resume = Resume;
    }

    public override bool WantsFingerprints { get; }

    /// <summary>Up to which number its client has applied the run, as it said last; null: it has not said.</summary>
    public long? Seen { get; private set; }

    /// <summary>Follows the run from a position on.</summary>
    /// <param name="after">The last event that the client has.</param>
    /// <param name="maxBytes">How much of what comes after that the answer may have; the rest follows it.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <exception cref="RefusedException"><c>unavailable</c>.</exception>
    public async ValueTask<(Feed Feed, RunView View)> AttachAsync(long after, long maxBytes, CancellationToken cancellationToken)
    {
        var attached = await _feeds.AttachAsync(_runId, this, after, maxBytes, asConnection: true, cancellationToken);
        _feed = attached.Feed;
        _marksTold = attached.View.MarkMoves;
        return attached;
    }

    /// <summary>Its client says how far it has applied the run. Called by one at a time.</summary>
    /// <param name="seen">The number; null: it does not say.</param>
    /// <returns>The marks that have moved since it was told last.</returns>
    public IReadOnlyList<SeenMark> Saw(long? seen)
    {
        (var counts, var moved) = _feed!.Presence.Saw(UserId, seen, ref _marksTold);
        Seen = counts ?? Seen;
        return moved;
    }

    /// <summary>
    /// The answer to the join is on its way. What comes after it follows a tick later, in a message of its own: a browser would hand over
    /// events that came in one message with the answer before the code that waits for the answer goes on.
    /// </summary>
    public void AnswerIsWritten() => _feeds.BeginAtATick(this);

    public override void Begin() => Rest();

    public override void Offer()
    {
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0) Write();
    }

    public override void FellBehind()
    {
        if (!_isStopped) _record.GaveUp(Undelivered());
        base.FellBehind();
    }

    public override void CutOff(Ending ending)
    {
        if (_isStopped) return;
        _isStopped = true;
        _record.End(ending);
    }

    /// <summary>Nothing more is written.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>Nothing is written until <see cref="GoOn"/>: another subscriber of the connection may take its place.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>The other subscriber did not take its place.</summary>
    public void GoOn()
    {
        _isPaused = false;
        Interlocked.MemoryBarrier();
        Offer();
    }

    /// <summary>Events that wait and matter: that a cursor move is not sent, but a later one, is no loss.</summary>
    private int Undelivered()
    {
        if (Position is not { } position) return (int)Math.Max(0, (_feed?.LastSequence ?? 0) - (Backlog?.Sent ?? 0));
        var events = 0;
        for (var frame = position.Next; frame is not null; frame = frame.Next)
        {
            if (!frame.CanBeSkipped) events += frame.Events;
        }
        return events;
    }

    /// <summary>Writes what there is. Only the caller that has set <see cref="_isWriting"/> gets here.</summary>
    private void Write()
    {
        try
        {
            while (IsActive && Next()?.In(_form) is { } message)
            {
                _record.Sent(message.Events);
#pragma warning disable CA2012 // Its end is waited for, by the callback below, just not by an await.
                var write = _connection.WriteAsync(message, CancellationToken.None);
                if (write.IsCompletedSuccessfully) continue;
                _write = write.GetAwaiter();
                _write.UnsafeOnCompleted(_resume);
#pragma warning restore CA2012
                return;
            }
        }
        catch (Exception e)
        {
            // On a thread of the pool there is nobody above to take it.
            LogWriteFailed(e, _connection.ConnectionId);
            CutOff(Ending.Failed);
            return;
        }
        if (_mustReadBack) ReadBack(_feed!);
        else Rest();
    }

    /// <summary>The next frame that matters; once there is none, the cursors that were skipped on the way.</summary>
    private Frame? Next()
    {
        if (Backlog is { } backlog)
        {
            if (NextOf(backlog) is { } frame) return frame;
            if (Position is null) return null;
        }
        while (Position!.Next is { } frame)
        {
            Position = frame;
            if (!frame.CanBeSkipped || frame.Behind < SkipWhenBehindBytes) return frame;
            _hasSkipped = true;
        }
        if (!_hasSkipped) return null;
        _hasSkipped = false;
        return _feeds.Find(_runId)?.Presence.Cursors();
    }

    private Frame? NextOf(Backlog backlog)
    {
        var frame = _feed!.NextOf(this, out var missing);
        if (missing == BacklogGap.Trimmed) FellBehind();
        _mustReadBack = missing == BacklogGap.InStore;
        if (Backlog is null) _hasSkipped |= backlog.HasSkipped;
        return frame;
    }

    /// <summary>The events were let go of. Goes on once they are in memory again.</summary>
    private void ReadBack(Feed feed)
    {
        _mustReadBack = false;
        var reading = _feeds.ReadBackAsync(feed, _connection.ConnectionAborted).AsTask().GetAwaiter();
        reading.UnsafeOnCompleted(() =>
        {
            try
            {
                reading.GetResult();
            }
            catch (Exception e)
            {
                LogWriteFailed(e, _connection.ConnectionId);
                CutOff(Ending.Failed);
                return;
            }
            Write();
        });
    }

    private void Resume()
    {
        try
        {
            _write.GetResult();
        }
        catch (Exception e)
        {
            LogWriteFailed(e, _connection.ConnectionId);
            _isStopped = true;
            return;
        }
        Write();
    }

    /// <summary>What came just before the flag fell was offered in vain; look once more.</summary>
    private void Rest()
    {
        Volatile.Write(ref _isWriting, 0);
        Interlocked.MemoryBarrier();
        if (IsActive && HasMore()) Offer();
    }

    private bool IsActive => !_isStopped && !_isPaused;

    private bool HasMore() => Position is { } position ? position.Next is not null : _feed!.HasMoreFor(this);

    [LoggerMessage(LogLevel.Debug, "Writing to connection {ConnectionId} failed.")]
    private partial void LogWriteFailed(Exception exception, string connectionId);
}
