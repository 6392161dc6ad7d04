using System.Net.Sockets;
using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>A stream's client can vanish without a packet; the system is asked to notice it within half a minute.</summary>
public sealed class DeadPeerTests
{
    private const int TcpLevel = 6, TcpUserTimeout = 18;

    [Fact]
    public async Task A_streams_socket_gives_up_a_client_that_acknowledges_nothing()
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

        await using var stream = api.StreamAsync(Guid.NewGuid()).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));

        var socket = (await sockets.WaitForAsync(all => all.Count > 0))[0];
        var timeout = new byte[sizeof(int)];
        socket.GetRawSocketOption(TcpLevel, TcpUserTimeout, timeout);
        Assert.InRange(BitConverter.ToInt32(timeout), 1, 20_000);
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        var silence = (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!
            + ((int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!
            * (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
        Assert.InRange(silence, 1, 30);
    }
}
