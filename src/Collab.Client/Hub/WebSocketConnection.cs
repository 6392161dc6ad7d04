using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Collab.Client;

/// <summary>
/// One open WebSocket as the pair of pipes that a SignalR client reads from and writes to. Two loops move the bytes; both have ended when
/// <see cref="DisposeAsync"/> returns. The pipes are bounded: a client that reads slowly slows the server's sending down, and fills no memory.
/// </summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private const int ReceiveBuffer = 4096;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private static readonly PipeOptions PipeOptions =
        new(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false);

    private readonly WebSocket _socket;
    private readonly Pipe _incoming = new(PipeOptions);
    private readonly Pipe _outgoing = new(PipeOptions);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _receiving;
    private readonly Task _sending;
    private volatile bool _hasEnded;

    /// <summary>Takes over a socket that is open.</summary>
    public WebSocketConnection(WebSocket socket)
    {
        _socket = socket;
        Transport = new DuplexPipe(_incoming.Reader, _outgoing.Writer);
        ConnectionClosed = _closed.Token;
        // On the pool, wherever this is made: whose turn or whose window it is must not matter to the bytes.
        _receiving = Task.Run(ReceiveAsync);
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Whether this connection is over, or about to be: what fails from now on fails because of that.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Empty: without negotiation the server tells nobody its id of the connection.</summary>
    public override string ConnectionId { get; set; } = "";

    /// <inheritdoc />
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc />
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    /// <inheritdoc />
    public override IDuplexPipe Transport { get; set; }

    /// <summary>Drops the connection without a close handshake.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => _socket.Abort();

    /// <summary>Sends what is still in the pipe, then closes; a server that does not answer the close in a few seconds is dropped.</summary>
    public override async ValueTask DisposeAsync()
    {
        _hasEnded = true;
        await Transport.Output.CompleteAsync().ConfigureAwait(false);
        await Transport.Input.CompleteAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_sending, _receiving).WaitAsync(CloseTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
            await Task.WhenAll(_sending, _receiving).ConfigureAwait(false);
        }
        _socket.Dispose();
        _closed.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_incoming.Writer.GetMemory(ReceiveBuffer), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close) break;
                _incoming.Writer.Advance(received.Count);
                await _incoming.Writer.FlushAsync();
            }
            if (_socket.CloseStatus is not WebSocketCloseStatus.NormalClosure)
            {
                var reason = $"{_socket.CloseStatus} {_socket.CloseStatusDescription}";
                failure = new ConnectionAbortedException($"The server closed the WebSocket: {reason}");
            }
        }
        catch (Exception e)
        {
            failure = new ConnectionAbortedException("The WebSocket broke.", e);
        }

        _hasEnded = true;
        await _incoming.Writer.CompleteAsync(failure);
        _outgoing.Reader.CancelPendingRead(); // the sending loop is of no use any more
        await _closed.CancelAsync();
    }

    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync();
                if (read.IsCanceled) break;
                if (!read.Buffer.IsEmpty) await SendAsync(read.Buffer);
                _outgoing.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }
        catch (Exception e)
        {
            failure = e;
            _socket.Abort(); // ends the receiving loop, which reports the loss
        }

        await _outgoing.Reader.CompleteAsync(failure);
    }

    /// <summary>Sends as one message what SignalR wrote in one go: it flushes at the end of its messages only.</summary>
    private async Task SendAsync(ReadOnlySequence<byte> message)
    {
        var position = message.Start;
        while (message.TryGet(ref position, out var segment))
        {
            await _socket.SendAsync(segment, WebSocketMessageType.Text, endOfMessage: position.GetObject() is null, CancellationToken.None);
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
