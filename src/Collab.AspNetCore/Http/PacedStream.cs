using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Collab.AspNetCore.Http;

/// <summary>
/// The body of an answer that SignalR writes, for those of its transports that are HTTP answers: handed over as <see cref="PacedBody"/>
/// does.
/// </summary>
internal sealed class PacedStream(PacedBody body) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Answers a request so that what is written is paced.</summary>
    public static async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var original = http.Features.Get<IHttpResponseBodyFeature>()!;
        var body = PacedBody.Of(http);
        await using var stream = new PacedStream(body);
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(stream, original));
        http.Request.Body = new SteadyBody(http.Request.Body);
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
        finally
        {
            http.Features.Set(original);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // SignalR flushes nothing itself: a server's own body sends what is written at once.
        if (!await body.WriteAsync(buffer, cancellationToken)) throw Gone();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!await body.FlushAsync(cancellationToken)) throw Gone();
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writes are awaited.");

    public override void Flush() => throw new NotSupportedException("Writes are awaited.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static OperationCanceledException Gone() => new("The client has gone, or does not read.");
}
