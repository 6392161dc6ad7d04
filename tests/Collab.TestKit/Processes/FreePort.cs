using System.Net;
using System.Net.Sockets;

namespace Collab.TestKit;

/// <summary>A TCP port that nothing listens on.</summary>
public static class FreePort
{
    /// <summary>
    /// Picks one on 127.0.0.1. Linux gives listeners and outgoing connections different halves of the range, so it stays free for a while.
    /// </summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
