using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Limits;

/// <summary>
/// Tells a client on a slow link from one that does not read. Slow is who has taken nothing for a while, not who needs long for much: so it
/// is asked, while a write waits, whether anything has gone out since the last look.
/// </summary>
internal static class ClientProgress
{
    /// <summary>How long a client may take nothing at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int Looks = 4;
    private const int IpProtocolTcp = 6;
    private const int TcpInfo = 11;
    private const int BytesAcknowledgedAt = 120;

    /// <summary>Waits for the end of a write, with its exception if it has one.</summary>
    /// <param name="write">The write.</param>
    /// <param name="taken">How much the client has taken so far; null: that cannot be said.</param>
    /// <param name="patience">How long it may take nothing.</param>
    /// <param name="time">The clock.</param>
    /// <returns>False: the client takes nothing. The write still waits.</returns>
    public static async ValueTask<bool> WaitAsync(Task write, Func<long?> taken, TimeSpan patience, TimeProvider time)
    {
        var (last, since) = (taken(), time.GetTimestamp());
        while (true)
        {
            try
            {
                await write.WaitAsync(patience / Looks, time, CancellationToken.None);
                return true;
            }
            catch (TimeoutException) when (!write.IsCompleted)
            {
                var now = taken();
                if (now != last) (last, since) = (now, time.GetTimestamp());
                else if (time.GetElapsedTime(since) >= patience) return false;
            }
        }
    }

    /// <summary>The socket of a request's connection, whatever stands above it; null: there is none.</summary>
    public static Socket? SocketOf(HttpContext http) => http.Features.Get<IConnectionSocketFeature>()?.Socket;

    /// <summary>How many bytes the other side has acknowledged; null where the system does not tell.</summary>
    public static long? TakenFrom(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux()) return null;
        Span<byte> info = stackalloc byte[256];
        try
        {
            var length = socket.GetRawSocketOption(IpProtocolTcp, TcpInfo, info);
            return length >= BytesAcknowledgedAt + sizeof(long) ? BitConverter.ToInt64(info[BytesAcknowledgedAt..]) : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
