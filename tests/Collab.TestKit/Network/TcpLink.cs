using System.Net;
using System.Net.Sockets;

namespace Collab.TestKit;

/// <summary>A client's connection through a proxy, and the one that it goes on over. Both end together, with a reset and not in order.</summary>
internal sealed class TcpLink(TcpClient client) : IDisposable
{
    private readonly TcpClient _server = new();
    private int _isOver;

    /// <summary>The client's end.</summary>
    public TcpClient Client => client;

    /// <summary>The server's end.</summary>
    public TcpClient Server => _server;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0) return;
        foreach (var side in new[] { client, _server })
        {
            // A reset, not a close in order.
            if (side.Client is { } socket) socket.LingerState = new LingerOption(true, 0);
            side.Dispose();
        }
    }

    /// <summary>Goes on to a port of this machine.</summary>
    public Task ConnectAsync(int port) => _server.ConnectAsync(IPAddress.Loopback, port);

    /// <summary>Ends it when one of both directions has ended, and waits for the other one.</summary>
    public async Task CarryAsync(params Task[] ways)
    {
        await Task.WhenAny(ways);
        Dispose();
        await Task.WhenAll(ways);
    }
}
