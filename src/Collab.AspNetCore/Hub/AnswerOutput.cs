using System.IO.Pipelines;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Where SignalR writes a connection's messages. It gives back what an answer has taken of the server's room for answers, once that is
/// sent.
/// </summary>
internal abstract class AnswerOutput : PipeWriter
{
    private IDisposable? _room;

    /// <summary>An answer was written, and is sent with the next flush.</summary>
    public void Give(IDisposable room) => Interlocked.Exchange(ref _room, room)?.Dispose();

    /// <summary>What was written is sent, or never will be.</summary>
    protected void Sent()
    {
        if (_room is not null) Interlocked.Exchange(ref _room, null)?.Dispose();
    }
}

/// <summary>The output of a transport other than WebSockets: SignalR's own, passed through.</summary>
internal sealed class RelayedOutput(PipeWriter output) : AnswerOutput
{
    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override void Advance(int bytes) => output.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await output.FlushAsync(cancellationToken);
        }
        finally
        {
            Sent();
        }
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Sent();
        output.Complete(exception);
    }
}
