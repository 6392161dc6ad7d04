using System.Net;
using System.Net.Sockets;
using Collab.TestKit;
using Xunit;

namespace Collab.Histories.Tests;

/// <summary>The network that histories go through does what its faults are called.</summary>
public sealed class NetworkTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_goes_one_way_waits_and_the_other_way_arrives(bool toClients)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var network = new TcpProxy(new($"http://{listener.LocalEndpoint}"));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, network.BaseAddress.Port);
        // The proxy goes on to the server with the first piece.
        await client.GetStream().WriteAsync("1"u8.ToArray());
        using var server = await listener.AcceptTcpClientAsync();
        Assert.Equal('1', await ReadAsync(server));

        network.Hold(toClients);
        var (held, open) = toClients ? (server, client) : (client, server);
        var (waiting, arriving) = (ReadAsync(open), ReadAsync(held));
        await held.GetStream().WriteAsync("2"u8.ToArray());
        await open.GetStream().WriteAsync("3"u8.ToArray());
        Assert.Equal('3', await arriving);
        Assert.False(waiting.IsCompleted);

        network.Release();
        Assert.Equal('2', await waiting);
    }

    private static async Task<char> ReadAsync(TcpClient side)
    {
        var buffer = new byte[1];
        await side.GetStream().ReadExactlyAsync(buffer).AsTask().WaitAsync(Patience.Default);
        return (char)buffer[0];
    }
}
