namespace Collab.AspNetCore.Hub;

/// <summary>
/// Lets one write through at a time: the WebSocket below SignalR still writes its own pings and its goodbye. Each of its writes is one whole frame,
/// and none is a part of a message, so that frames of two writers never mix.
/// </summary>
/// <param name="input">Where reads come from.</param>
/// <param name="output">Where writes go; it may be the same stream.</param>
internal sealed class TurnStream(Stream input, Stream output) : Stream
{
    private readonly SemaphoreSlim _turn = new(1, 1);

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
        if (!_turn.Wait(0, CancellationToken.None)) return WaitAndWriteAsync(buffer, cancellationToken);
        var write = ValueTask.CompletedTask;
        try
        {
            write = output.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            if (write.IsCompleted) _turn.Release();
        }
        return write.IsCompleted ? write : ReleaseAfterAsync(write);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        await ReleaseAfterAsync(new(output.FlushAsync(cancellationToken)));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        input.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nobody may wait here without an await.");

    public override void Flush() => throw new NotSupportedException("Nobody may wait here without an await.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // The semaphore is left alone: somebody may still wait for it, and it holds nothing.
        if (disposing)
        {
            output.Dispose();
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask WaitAndWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        await ReleaseAfterAsync(output.WriteAsync(buffer, cancellationToken));
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
