using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>A connection is its user's alone, and counts from its first byte.</summary>
public sealed class HubDoorTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Hub = "hubs/collaboration";

    [Fact]
    public async Task A_connection_token_of_another_user_opens_nothing()
    {
        using var alice = server.Api("alice");
        using var mallory = server.Api("mallory");
        var token = Uri.EscapeDataString((await NegotiateAsync(alice)).GetProperty("connectionToken").GetString()!);

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
            RawHttp.AssertRefused(CollabErrorCode.Forbidden, await mallory.SendAsync(method, $"{Hub}?id={token}", method == HttpMethod.Post ? "x" : null));
        Assert.Equal(HttpStatusCode.OK, (await alice.SendAsync(HttpMethod.Get, $"{Hub}?id={token}")).Status);
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, await mallory.SendAsync(HttpMethod.Get, $"{Hub}?id={token}"));
        Assert.Equal(HttpStatusCode.Accepted, (await alice.SendAsync(HttpMethod.Delete, $"{Hub}?id={token}")).Status);
    }

    [Fact]
    public async Task The_id_that_administrators_see_opens_nothing()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync(run);
        using var admin = server.AdminApi();
        var id = Assert.Single((await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.Connections).SessionId;
        using var same = server.Api("alice");
        var negotiated = await NegotiateAsync(same);

        Assert.Equal(HttpStatusCode.NotFound, (await same.SendAsync(HttpMethod.Get, $"{Hub}?id={Uri.EscapeDataString(id)}")).Status);
        Assert.NotEqual(negotiated.GetProperty("connectionId").GetString(), negotiated.GetProperty("connectionToken").GetString());
        var byId = $"{Hub}?id={Uri.EscapeDataString(negotiated.GetProperty("connectionId").GetString()!)}";
        Assert.Equal(HttpStatusCode.NotFound, (await same.SendAsync(HttpMethod.Get, byId)).Status);
        var old = (await same.SendAsync(HttpMethod.Post, $"{Hub}/negotiate?negotiateVersion=0")).Json;
        Assert.False(old.TryGetProperty("connectionId", out var given) && given.ValueKind == JsonValueKind.String, old.GetRawText());
    }

    [Fact]
    public async Task Sockets_without_a_handshake_count_and_go_beyond_the_limit_only_to_be_told()
    {
        await using var limited = await ServerProcess.StartAsync(new ServerSettings { Configuration = new Dictionary<string, string?> { ["Collab:Limits:ConnectionsPerUser"] = "3" } });
        var sockets = new List<ClientWebSocket>();
        HttpStatusCode? refused = null;
        for (var i = 0; i < 40 && refused is null; i++)
        {
            var socket = new ClientWebSocket();
            sockets.Add(socket);
            socket.Options.CollectHttpResponseDetails = true;
            var address = new UriBuilder(HubClient.HubOf(limited.BaseAddress)) { Scheme = "ws", Query = $"access_token={TestTokens.Create("mallory")}" }.Uri;
            if (await Record.ExceptionAsync(() => socket.ConnectAsync(address, CancellationToken.None).WaitAsync(Patience.Default)) is not null) refused = socket.HttpStatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, refused);
        Assert.InRange(sockets.Count, 4, 20);
        await sockets[5].SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Contains("[too_many] ", await ReadAsync(sockets[5]), StringComparison.Ordinal);
        await using var other = await HubClient.ConnectAsync(limited.BaseAddress, TestTokens.Create("alice"));
        foreach (var socket in sockets) socket.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            await using var again = await HubClient.ConnectAsync(limited.BaseAddress, TestTokens.Create("mallory"));
            return await Record.ExceptionAsync(() => again.PingAsync()) is null;
        });
    }

    [Fact]
    public async Task Negotiations_that_are_not_followed_up_are_limited()
    {
        await using var limited = await ServerProcess.StartAsync(new ServerSettings { Configuration = new Dictionary<string, string?> { ["Collab:Limits:ConnectionsPerUser"] = "3" } });
        using var mallory = new ApiClient(limited.BaseAddress, TestTokens.Create("mallory"));
        for (var i = 0; i < 12; i++) await NegotiateAsync(mallory);

        var refused = await mallory.SendAsync(HttpMethod.Post, $"{Hub}/negotiate?negotiateVersion=1");

        RawHttp.AssertRefused(CollabErrorCode.RateLimited, refused);
        using var alice = new ApiClient(limited.BaseAddress, TestTokens.Create("alice"));
        await NegotiateAsync(alice);
    }

    private static async Task<JsonElement> NegotiateAsync(ApiClient api)
    {
        var answer = await api.SendAsync(HttpMethod.Post, $"{Hub}/negotiate?negotiateVersion=1");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience.Default);
            if (received.MessageType == WebSocketMessageType.Close) return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
    }
}
