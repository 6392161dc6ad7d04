using System.Net.Sockets;
using System.Text;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>What is refused costs the server something too: nobody gets any number of refusals for nothing.</summary>
public sealed class RefusedFloodTests(LimitTests.LimitedServer server) : IClassFixture<LimitTests.LimitedServer>
{
    [Theory]
    [InlineData("NOPE")]
    [InlineData(EventTypes.CursorMove)]
    public async Task Invalid_events_of_a_batch_count_like_any_others(string type)
    {
        var events = Enumerable.Range(0, 100).Select(_ => new { eventType = type, data = new { nodeId = 5 } }).ToArray();
        await using var hub = await server.ConnectAsync($"user of {type}");
        using var api = server.Api($"other user of {type}");

        var byHub = await hub.InvokeAsync<PublishResult[]>("PublishBatch", Guid.NewGuid(), events, false);
        var byHttp = new ApiResponse<IReadOnlyList<PublishResult>>(await api.SendAsync(
            HttpMethod.Post, $"api/runs/{Guid.NewGuid()}/collaboration/events/batch", new { events })).Value;

        foreach (var results in (IReadOnlyList<PublishResult>[])[byHub, byHttp])
        {
            Assert.Equal("invalid_event", results[0].Error?.Code);
            Assert.InRange(results.Count(r => r.Error?.Code == "rate_limited"), 40, 80);
        }
    }

    [Fact]
    public async Task A_client_that_goes_behind_a_flood_of_refused_calls_is_gone()
    {
        var user = $"flood {Guid.NewGuid():N}";
        using (var client = await ConnectAsync(TestTokens.Create(user)))
        {
            var calls = string.Concat(Enumerable.Repeat("{\"type\":1,\"target\":\"Nope\",\"arguments\":[]}\u001e", 400));
            for (var i = 0; i < 50; i++) await client.GetStream().WriteAsync(Frame(calls));
            client.LingerState = new(enable: true, seconds: 0);
        }

        using var admin = server.AdminApi();
        await Eventually.TrueAsync(
            async () => (await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics")).Value
                .Any(s => s.UserId == user && s.DisconnectedAt is not null),
            Patience.Process);
        server.AssertNoComplaint();
    }

    private async Task<TcpClient> ConnectAsync(string token)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /hubs/collaboration?access_token={token} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        await client.GetStream().WriteAsync(Frame("{\"protocol\":\"json\",\"version\":1}\u001e"));
        // Until the handshake is answered there is no session that could end.
        var (answer, buffer) = (new StringBuilder(), new byte[1024]);
        while (!answer.ToString().Contains("{}\u001e", StringComparison.Ordinal))
        {
            var read = await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience.Default);
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return client;
    }

    /// <summary>A text as a client's frame, masked with zeros.</summary>
    private static byte[] Frame(string text) => text.Length < 126
        ? [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)]
        : [0x81, 0xfe, (byte)(text.Length >> 8), (byte)text.Length, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
}
