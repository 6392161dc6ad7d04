using System.Buffers;
using System.IO.Pipelines;
using Collab.AspNetCore.Monitoring;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Http;

/// <summary>
/// The body of an answer, handed over in pieces. What the client has not taken yet is our memory, so there is never much more than a piece of it, and
/// a client that takes nothing for a while is cut off. Kestrel alone would let one that never reads keep all that was written for hours.
/// </summary>
internal sealed class PacedBody(HttpContext http, TimeProvider time, CollabMetrics metrics)
{
    /// <summary>How much is written before it is waited for, in bytes.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>As long as a hub connection has to take a message.</summary>
    public static readonly TimeSpan Patience = new HttpConnectionDispatcherOptions().TransportSendTimeout;

    private readonly PipeWriter _output = http.Response.BodyWriter;
    private int _unflushed;

    public static PacedBody Of(HttpContext http) =>
        new(http, http.RequestServices.GetRequiredService<TimeProvider>(), http.RequestServices.GetRequiredService<CollabMetrics>());

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _unflushed += bytes.Length;
    }

    /// <summary>Writes and hands over the whole of something large.</summary>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > PieceBytes; bytes = bytes[PieceBytes..])
        {
            Write(bytes.Span[..PieceBytes]);
            if (!await FlushAsync(cancellationToken)) return false;
        }
        Write(bytes.Span);
        return await FlushAsync(cancellationToken);
    }

    /// <summary>Hands over what was written if it is a piece.</summary>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    public ValueTask<bool> FlushPieceAsync(CancellationToken cancellationToken) => _unflushed < PieceBytes ? new(true) : FlushAsync(cancellationToken);

    /// <summary>Hands over what was written, and waits until the client has taken most of it.</summary>
    /// <param name="cancellationToken">Ends also when the request is aborted.</param>
    /// <returns>False: the client has gone, or does not read and was cut off.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        var flush = _output.FlushAsync(cancellationToken);
        if (flush.IsCompleted) return !(await flush).IsCompleted;
        var waiting = flush.AsTask();
        try
        {
            return !(await waiting.WaitAsync(Patience, time, CancellationToken.None)).IsCompleted;
        }
        catch (TimeoutException)
        {
            metrics.SlowClientCutOff();
            http.Abort();
        }
        // The abort ends it, and the request must not end before.
        await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }
}
