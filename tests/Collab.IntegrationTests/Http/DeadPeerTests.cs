using System.Net.Sockets;
using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>
/// The client of a stream or of a hub connection can vanish without a packet; the system is asked to notice it within half a minute.
/// SignalR would not: it misses a client's pings only after the first one.
/// </summary>
public sealed class DeadPeerTests
{
    private const int TcpLevel = 6, TcpUserTimeout = 18;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_socket_of_what_lasts_gives_up_a_client_that_acknowledges_nothing(bool isHub)
    {
        var sockets = new Arrivals<Socket>();
        await using var application = await HostApplication.StartAsync(
            _ => { },
            collab => collab.UseJwtBearer(),
            app =>
            {
                app.Use((http, next) =>
                {
                    sockets.Add(http.Features.Get<IConnectionSocketFeature>()!.Socket);
                    return next(http);
                });
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
            });
        using var api = new ApiClient(application.Address, TestTokens.Create("alice"));

        using var hub = isHub ? await HubWire.ConnectAsync(application.Address, TestTokens.Create("alice")) : null;
        await using var stream = isHub ? null : api.StreamAsync(Guid.NewGuid()).GetAsyncEnumerator();
        if (stream is not null) Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));

        var socket = (await sockets.WaitForAsync(all => all.Count > 0))[0];
        var timeout = new byte[sizeof(int)];
        socket.GetRawSocketOption(TcpLevel, TcpUserTimeout, timeout);
        Assert.InRange(BitConverter.ToInt32(timeout), 1, 30_000);
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        var silence = (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!
            + ((int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!
            * (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
        Assert.InRange(silence, 1, 30);
    }
}
