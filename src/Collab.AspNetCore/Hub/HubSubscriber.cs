using System.Runtime.CompilerServices;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A hub connection that follows a run. It writes frame after frame as long as the connection takes them at once; when one has to wait, the end of
/// that wait goes on. Nobody waits for it, and nothing is allocated per frame.
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
    private readonly Action _resume;
    private ValueTaskAwaiter _write;
    private int _isWriting = 1;
    private volatile bool _isStopped;
    private bool _hasSkipped;

    public HubSubscriber(HubConnectionContext connection, ConnectionRecord record, string userId, Guid runId, Feeds feeds, ILogger logger) : base(userId)
    {
        (_connection, _record, _runId, _feeds, _logger) = (connection, record, runId, feeds, logger);
        _resume = Resume;
    }

    /// <summary>
    /// The answer to the join is on its way. What comes after it follows a tick later, in a message of its own: a browser would hand over events
    /// that came in one message with the answer before the code that waits for the answer goes on.
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

    /// <summary>Events that wait and matter: that a cursor move is not sent, but a later one, is no loss.</summary>
    private int Undelivered()
    {
        var events = 0;
        for (var frame = Position!.Next; frame is not null; frame = frame.Next)
        {
            if (!frame.CanBeSkipped) events += frame.HubMessage.Events;
        }
        return events;
    }

    /// <summary>Writes what there is. Only whoever has set <see cref="_isWriting"/> gets here.</summary>
    private void Write()
    {
        while (!_isStopped && Next() is { } message)
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
        Rest();
    }

    /// <summary>The next frame that matters; once there is none, the cursors that were skipped on the way.</summary>
    private FrameMessage? Next()
    {
        while (Position!.Next is { } frame)
        {
            Position = frame;
            if (!frame.CanBeSkipped || frame.Behind < SkipWhenBehindBytes) return frame.HubMessage;
            _hasSkipped = true;
        }
        if (!_hasSkipped) return null;
        _hasSkipped = false;
        return _feeds.Find(_runId)?.Cursors();
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

    /// <summary>A frame that was linked just before the flag fell was offered in vain; look once more.</summary>
    private void Rest()
    {
        Volatile.Write(ref _isWriting, 0);
        Interlocked.MemoryBarrier();
        if (!_isStopped && Position!.Next is not null) Offer();
    }

    [LoggerMessage(LogLevel.Debug, "Writing to connection {ConnectionId} failed.")]
    private partial void LogWriteFailed(Exception exception, string connectionId);
}
