namespace Collab.AspNetCore.Hub;

/// <summary>
/// Lets one write through at a time: the WebSocket below SignalR still writes its own pings and its goodbye. Each of its writes is one
/// whole frame, and none is a part of a message, so that frames of two writers never mix.
/// </summary>
/// <param name="input">Where reads come from.</param>
/// <param name="output">Where writes go; it may be the same stream.</param>
/// <param name="aborted">The connection is gone: nothing waits for a turn any more.</param>
/// <param name="pieceBytes">How much of a large write is written at a time.</param>
internal sealed class TurnStream(Stream input, Stream output, CancellationToken aborted, int pieceBytes = TurnStream.PieceBytes) : Stream
{
    /// <summary>How much is written at a time: a client that takes one piece after the other is seen to make progress.</summary>
    public const int PieceBytes = 128 * 1024;

    /// <summary>The same where nothing but these pieces says how much the client takes.</summary>
    public const int SmallPieceBytes = 16 * 1024;

    /// <summary>What is written in one piece, an answer to a join among it: each piece costs a fast client's connection a wait.</summary>
    private readonly int _wholeBytes = pieceBytes < PieceBytes ? pieceBytes : 3 * pieceBytes;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _written;
    private volatile bool _isGoodbyeWritten;

    /// <summary>How much of large writes has been taken so far, in bytes.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>
    /// Whether a close frame was written. It answers the client's own; to a client that has vanished the WebSocket writes none.
    /// </summary>
    public bool IsGoodbyeWritten => _isGoodbyeWritten;

    public override bool CanRead => input.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => output.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (WebSocketFrame.IsGoodbye(buffer.Span)) _isGoodbyeWritten = true;
        return _turn.Wait(0, CancellationToken.None)
            ? WriteInTurn(buffer, cancellationToken)
            : WaitAndWriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(cancellationToken);
        try
        {
            await output.FlushAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        input.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writes are awaited.");

    public override void Flush() => throw new NotSupportedException("Writes are awaited.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // The semaphore is left alone: a write may still wait for it, and it holds nothing.
        if (disposing)
        {
            output.Dispose();
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask WaitAndWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(cancellationToken);
        await WriteInTurn(buffer, cancellationToken);
    }

    private async ValueTask WaitForTurnAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, aborted);
        await _turn.WaitAsync(either.Token);
    }

    /// <summary>
    /// Writes for a caller that has the turn, which is given back once: here if the write has ended or threw, else by the wait for its end.
    /// </summary>
    private ValueTask WriteInTurn(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueTask write;
        bool hasEnded;
        try
        {
            write = buffer.Length > _wholeBytes
                ? WriteInPiecesAsync(buffer, cancellationToken)
                : output.WriteAsync(buffer, cancellationToken);
            // Looked at once: it can end at any time, and a second look would see something else.
            hasEnded = write.IsCompleted;
        }
        catch
        {
            _turn.Release();
            throw;
        }
        if (!hasEnded) return ReleaseAfterAsync(write);
        _turn.Release();
        return write;
    }

    private async ValueTask WriteInPiecesAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        for (; buffer.Length > 0; buffer = buffer[Math.Min(pieceBytes, buffer.Length)..])
        {
            await output.WriteAsync(buffer[..Math.Min(pieceBytes, buffer.Length)], cancellationToken);
            Volatile.Write(ref _written, _written + pieceBytes);
        }
    }

    private async ValueTask ReleaseAfterAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        finally
        {
            _turn.Release();
        }
    }
}
