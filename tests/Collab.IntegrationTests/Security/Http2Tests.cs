using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Browsers that speak HTTP/2 to the server open their WebSockets by it too: such a connection has no more rights, and no more patience.</summary>
public sealed partial class Http2Tests(Http2Tests.TwoEndpoints server) : IClassFixture<Http2Tests.TwoEndpoints>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_WebSocket_over_HTTP2_ends_with_its_token(bool isNegotiated)
    {
        var token = TestTokens.Create("brief", expires: TimeProvider.System.GetUtcNow().AddSeconds(3));
        using var http = Http();
        using var socket = await OpenAsync(http, token, isNegotiated ? await NegotiateAsync(http, token) : null);

        Assert.Contains("[expired] ", await ReadToEndAsync(socket), StringComparison.Ordinal);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP2_that_takes_nothing_is_cut_off_as_slow()
    {
        var run = Guid.NewGuid();
        var user = $"stalled-{run:N}";
        using var api = server.Api("writer");
        for (var i = 0; i < 20; i++) await api.PublishAsync(run, EventTypes.Graft, new { after = $"A{i}", agentName = new string('x', 15_000) });
        using var http = Http();
        using var socket = await OpenAsync(http, TestTokens.Create(user), connectionToken: null);
        using var admin = server.AdminApi();

        await SendAsync(socket, $$"""{"type":1,"invocationId":"1","target":"JoinRun","arguments":["{{run}}",null]}""");

        // It is alive, and takes nothing of what it asked for.
        await Eventually.TrueAsync(
            async () =>
            {
                if (socket.State == WebSocketState.Open) await Record.ExceptionAsync(() => SendAsync(socket, """{"type":6}"""));
                var sessions = await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics");
                return sessions.Value.Any(s => s.UserId == user && s is { Reason: "slow", DisconnectedAt: not null });
            },
            Patience.Process);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task An_event_stream_over_HTTP2_that_takes_nothing_is_cut_off()
    {
        var run = Guid.NewGuid();
        var user = $"stalled-{run:N}";
        using var api = server.Api("writer");
        for (var i = 0; i < 20; i++) await api.PublishAsync(run, EventTypes.Graft, new { after = $"A{i}", agentName = new string('x', 15_000) });
        // Its connection is alive: what it answers to is seen by the system, and is not what it was sent.
        using var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            InitialHttp2StreamWindowSize = 65_535,
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
        });
        using var request = Request(HttpMethod.Get, $"api/runs/{run}/collaboration/stream", TestTokens.Create(user));
        using var answer = await http.SendAsync(request, CancellationToken.None).WaitAsync(Patience.Default);
        using var admin = server.AdminApi();

        await Eventually.TrueAsync(
            async () => (await admin.GetAsync<IReadOnlyList<ConnectionMetrics>>("api/admin/websocket/metrics")).Value
                .Any(s => s.UserId == user && s.DisconnectedAt is not null),
            Patience.Process);
        server.AssertNoComplaint();
    }

    private static HttpMessageInvoker Http() => new(new SocketsHttpHandler { InitialHttp2StreamWindowSize = 65_535 });

    private HttpRequestMessage Request(HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, new Uri(server.Http2Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Authorization = new("Bearer", token);
        return request;
    }

    private async Task<string> NegotiateAsync(HttpMessageInvoker http, string token)
    {
        using var request = Request(HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1", token);
        using var answer = await http.SendAsync(request, CancellationToken.None);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("connectionToken").GetString()!;
    }

    private async Task<ClientWebSocket> OpenAsync(HttpMessageInvoker http, string token, string? connectionToken)
    {
        var id = connectionToken is null ? "" : $"&id={Uri.EscapeDataString(connectionToken)}";
        var address = new UriBuilder(HubClient.HubOf(server.Http2Address)) { Scheme = "ws", Query = $"access_token={token}{id}" }.Uri;
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(address, http, CancellationToken.None).WaitAsync(Patience.Default);
        await SendAsync(socket, """{"protocol":"json","version":1}""");
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + RawHubSocket.RecordSeparator), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<string> ReadToEndAsync(ClientWebSocket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience.Default);
            if (received.MessageType == WebSocketMessageType.Close) return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
    }

    /// <summary>A server with a second port, for HTTP/2 without TLS.</summary>
    public sealed partial class TwoEndpoints : GenerousServer
    {
        public Uri Http2Address => new(Process.Output.All.Select(line => Listening().Match(line)).Where(m => m.Success)
            .Select(m => m.Groups["address"].Value).First(a => new Uri(a).Port != Address.Port));

        protected override IEnumerable<KeyValuePair<string, string?>> More =>
        [
            new("Kestrel:Endpoints:A:Url", "http://127.0.0.1:0"),
            new("Kestrel:Endpoints:B:Url", "http://127.0.0.1:0"),
            new("Kestrel:Endpoints:B:Protocols", "Http2"),
        ];

        [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Listening();
    }
}
