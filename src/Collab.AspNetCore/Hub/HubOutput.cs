using System.Buffers;
using System.IO.Pipelines;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Collab.AspNetCore.Hub;

/// <summary>What a hub reads from and writes to.</summary>
internal sealed record HubTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

/// <summary>
/// Where SignalR writes a WebSocket connection's messages: each flush is one WebSocket frame on the <see cref="HubWire"/>. A frame of
/// events, the same for all its followers, is passed on as it is; anything else is collected in a buffer that is rented until it is sent.
/// SignalR's write lock guards it: there is one message at a time.
/// </summary>
/// <param name="wire">Where it goes.</param>
/// <param name="format">Text or binary.</param>
/// <param name="patience">How long a client may take nothing.</param>
/// <param name="time">The clock of that.</param>
/// <param name="givesUp">It took nothing for that long; what it is told of that, if anything, must not be waited for.</param>
internal sealed class HubOutput(HubWire wire, ITransferFormatFeature format, TimeSpan patience, TimeProvider time, Action? givesUp = null)
    : AnswerOutput
{
    private byte[] _buffer = [];
    private int _end;
    private FrameMessage? _frame;
    private volatile bool _isCompleted;
    private volatile bool _isWaiting;
    private volatile bool _isEnding;
    private volatile bool _isOver;
    private ITimer? _lastMoment;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end == 0 ? 0 : _end - WebSocketFrame.MaxHeader;

    /// <summary>Sends a frame of events without copying it. To be flushed before anything else is written.</summary>
    public void Take(FrameMessage frame)
    {
        if (_end > 0 || _frame is not null) frame.CopyTo(this);
        else _frame = frame;
    }

    public override void Advance(int bytes) => _end += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_frame is { } before)
        {
            _frame = null;
            before.CopyTo(this);
        }
        Grow(Math.Max(sizeHint, 256));
        return _buffer.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isCompleted || !TryTakeFrame(out var frame, out var rented)) return new(new FlushResult(isCanceled: false, _isCompleted));
        ValueTask write;
        try
        {
            write = wire.WriteAsync(frame);
        }
        catch (Exception e)
        {
            write = ValueTask.FromException(e);
        }
        if (!write.IsCompletedSuccessfully) return WaitAsync(write, rented);
        Return(rented);
        Sent();
        return default;
    }

    /// <summary>
    /// SignalR does this when it ends a connection. A write that waits for the client keeps the write lock, and with it the close message:
    /// a client that reads on gets both, and one that does not is cut off after a moment.
    /// </summary>
    public override void CancelPendingFlush()
    {
        _isEnding = true;
        Interlocked.MemoryBarrier();
        if (_isWaiting) BeginLastMoment();
    }

    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        Interlocked.Exchange(ref _lastMoment, null)?.Dispose();
        Sent();
        Return(Interlocked.Exchange(ref _buffer, []));
    }

    /// <summary>The client does not keep up. It gets as long as it needs, while it takes anything at all.</summary>
    private async ValueTask<FlushResult> WaitAsync(ValueTask write, byte[] rented)
    {
        var waiting = write.AsTask();
        _isWaiting = true;
        Interlocked.MemoryBarrier();
        try
        {
            if (_isEnding) BeginLastMoment();
            if (!await ClientProgress.WaitAsync(waiting, wire.Taken, patience, time))
            {
                givesUp?.Invoke();
                BeginLastMoment();
            }
            await waiting;
        }
        catch (Exception)
        {
            // The connection is gone. Its reader sees that too, but only behind what the client had sent.
            if (!_isCompleted) wire.Abort();
            _isCompleted = true;
        }
        _isWaiting = false;
        Return(rented);
        Sent();
        return new(isCanceled: false, _isCompleted);
    }

    /// <summary>
    /// One for the whole end of the connection: what waits when it is over, and what would have to wait later, is given up.
    /// </summary>
    private void BeginLastMoment()
    {
        if (_isOver)
        {
            wire.Abort();
            return;
        }
        if (_lastMoment is not null) return;
        var timer = time.CreateTimer(static self => ((HubOutput)self!).EndLastMoment(), this, LastWords.Moment, Timeout.InfiniteTimeSpan);
        if (Interlocked.CompareExchange(ref _lastMoment, timer, null) is not null) timer.Dispose();
    }

    private void EndLastMoment()
    {
        _isOver = true;
        Interlocked.MemoryBarrier();
        if (_isWaiting) wire.Abort();
    }

    private bool TryTakeFrame(out ReadOnlyMemory<byte> frame, out byte[] rented)
    {
        (rented, frame) = ([], default);
        if (_frame is { } events)
        {
            (_frame, frame) = (null, events.Framed);
            return true;
        }
        if (_end == 0) return false;
        var start = WebSocketFrame.WriteHeaderBefore(_buffer, _end, isText: format.ActiveFormat == TransferFormat.Text);
        (rented, frame) = (_buffer, _buffer.AsMemory(start, _end - start));
        (_buffer, _end) = ([], 0);
        return true;
    }

    private void Grow(int by)
    {
        if (_end == 0) _end = WebSocketFrame.MaxHeader;
        if (_buffer.Length - _end >= by) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + by, _buffer.Length * 2));
        _buffer.AsSpan(0, _end == WebSocketFrame.MaxHeader ? 0 : _end).CopyTo(larger);
        Return(_buffer);
        _buffer = larger;
    }

    private static void Return(byte[] rented)
    {
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
    }
}
