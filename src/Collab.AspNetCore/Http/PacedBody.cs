using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Http;

/// <summary>
/// The body of an answer, handed over in pieces. What the client has not taken yet is our memory, so there is never much more than a piece
/// of it, and a client that takes nothing for a while is cut off. Kestrel alone would let one that never reads keep all that was written
/// for hours, and cut off one that is slow for a moment.
/// </summary>
internal sealed class PacedBody : IBufferWriter<byte>
{
    /// <summary>How much is written before it is waited for, in bytes.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>The same where nothing but these pieces says how much the client takes.</summary>
    private const int SmallPieceBytes = 16 * 1024;

    /// <summary>As long as a hub connection may take nothing.</summary>
    public static readonly TimeSpan Patience = ClientProgress.Patience;

    private readonly HttpContext _http;
    private readonly TimeProvider _time;
    private readonly CollabMetrics _metrics;
    private readonly Socket? _socket;
    private readonly PipeWriter _output;
    private readonly int _pieceBytes = PieceBytes;
    private int _unflushed;

    public PacedBody(HttpContext http, TimeProvider time, CollabMetrics metrics)
    {
        (_http, _time, _metrics, _output, _socket) = (http, time, metrics, http.Response.BodyWriter, ClientProgress.SocketOf(http));
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol)) return;
        // What the socket has sent is of all the connection's streams.
        (_socket, _pieceBytes) = (null, SmallPieceBytes);
    }

    public static PacedBody Of(HttpContext http) =>
        new(http, http.RequestServices.GetRequiredService<TimeProvider>(), http.RequestServices.GetRequiredService<CollabMetrics>());

    public void Advance(int count)
    {
        _output.Advance(count);
        _unflushed += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    /// <summary>Writes and hands over the whole of something large.</summary>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > _pieceBytes; bytes = bytes[_pieceBytes..])
        {
            this.Write(bytes.Span[.._pieceBytes]);
            if (!await FlushAsync(cancellationToken)) return false;
        }
        this.Write(bytes.Span);
        return await FlushAsync(cancellationToken);
    }

    /// <summary>Hands over what was written if it is a piece.</summary>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    public ValueTask<bool> FlushPieceAsync(CancellationToken cancellationToken) =>
        _unflushed < _pieceBytes ? new(true) : FlushAsync(cancellationToken);

    /// <summary>Hands over what was written, and waits until the client has taken most of it.</summary>
    /// <param name="cancellationToken">Ends also when the request is aborted.</param>
    /// <returns>False: the client has gone, or does not read and was cut off.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        var flush = _output.FlushAsync(cancellationToken);
        if (flush.IsCompleted) return !(await flush).IsCompleted;
        var waiting = flush.AsTask();
        if (await ClientProgress.WaitAsync(waiting, () => ClientProgress.TakenFrom(_socket), Patience, _time))
            return !(await waiting).IsCompleted;
        _metrics.SlowClientCutOff();
        _http.Abort();
        // The abort ends it, and the request must not end before.
        await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }
}
