using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Limits;

/// <summary>
/// A client can vanish without a packet. What it was sent is then repeated by TCP for a quarter of an hour, and its user seems to be there.
/// On the socket of an answer that has no end, or of a hub connection, this is noticed in half a minute. Where the server has no socket
/// (IIS, a unit test), who stands before it has to notice.
/// </summary>
internal static class DeadPeers
{
    /// <summary>Unacknowledged for so long, and a stream is dead.</summary>
    public static readonly TimeSpan UnacknowledgedFor = TimeSpan.FromSeconds(15);

    /// <summary>As long as SignalR misses a client's pings, which it does only after the first one.</summary>
    public static readonly TimeSpan HubUnacknowledgedFor = TimeSpan.FromSeconds(30);

    /// <summary>Nothing sent for so long, and TCP asks whether the peer is there.</summary>
    private const int AskAfterSeconds = 10;

    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    /// <param name="http">The request of what lasts.</param>
    /// <param name="unacknowledgedFor">How long what it was sent may be without an answer from its peer's system.</param>
    public static void NoticeOn(HttpContext http, TimeSpan unacknowledgedFor)
    {
        if (http.Features.Get<IConnectionSocketFeature>() is not { Socket: { ProtocolType: ProtocolType.Tcp } socket }) return;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, AskAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            if (OperatingSystem.IsLinux())
                socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes((int)unacknowledgedFor.TotalMilliseconds));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or PlatformNotSupportedException)
        {
            // The connection has just ended, or the system has no such option: the stream works without.
        }
    }
}
