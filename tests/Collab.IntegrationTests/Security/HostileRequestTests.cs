using System.Net.Sockets;
using System.Text;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Whatever a client sends over HTTP, the answer is problem details with a code, nothing of it is stored, and others notice nothing (P6, P8).</summary>
public sealed class HostileRequestTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Good = """{"after":"A","agentName":"x"}""";
    private static readonly string Token = TestTokens.Create("mallory");

    public static TheoryData<string> WrongBodies()
    {
        var bodies = new TheoryData<string>
        {
            "",
            "{",
            "not json",
            "null",
            "[]",
            "\"GRAFT\"",
            "{}",
            "\ufeff{}",
            $$"""{"eventType":"GRAFT","data":{{Good}}}{}""",
            $$"""{"eventType":"GRAFT","data":{{Good}}""",
            $$"""{"eventType":5,"data":{{Good}}}""",
            $$"""{"eventType":null,"data":{{Good}}}""",
            $$"""{"eventType":"\ud800","data":{{Good}}}""",
            $$"""{"data":{{Good}}}""",
            """{"eventType":"GRAFT"}""",
            $$"""{"eventType":"GRAFT","data":{"after":"A","agentName":"x","deep":{{Hostile.Nested(200)}} } }""",
            $$"""{"eventType":"GRAFT","data":{"after":"A","agentName":"x","deep":{{Hostile.Nested(10_000)}} } }""",
        };
        foreach (var (type, data) in Hostile.Incomplete) bodies.Add($$"""{"eventType":"{{type}}","data":{{data}}}""");
        foreach (var data in Hostile.Unstorable) bodies.Add($$"""{"eventType":"GRAFT","data":{{data}}}""");
        foreach (var messageId in Hostile.MessageIds) bodies.Add($$"""{"eventType":"GRAFT","data":{{Good}},"messageId":{{messageId}}}""");
        return bodies;
    }

    public static TheoryData<string> WrongAddresses()
    {
        var addresses = new TheoryData<string>
        {
            "api/runs?limit=0",
            "api/runs?limit=101",
            "api/runs?limit=-1",
            "api/runs?limit=ten",
            "api/runs?limit=99999999999999999999",
            "api/runs?cursor=x",
            "api/runs?cursor=1_2",
            "api/runs?cursor=-1_550e8400e29b41d4a716446655440000",
            "api/runs?cursor=9223372036854775807_550e8400e29b41d4a716446655440000",
            "api/runs?cursor=99999999999999999999_550e8400e29b41d4a716446655440000",
            "api/runs?cursor=%00",
        };
        foreach (var query in (string[])
        [
            "poll?afterSequence=-1", "poll?afterSequence=x", "poll?afterSequence=1.5", "poll?afterSequence=9223372036854775808", "poll?waitSeconds=-1",
            "poll?waitSeconds=31", "poll?waitSeconds=2147483648", "poll?waitSeconds=x", "poll?waitSeconds=1e1",
            "replay?afterSequence=-1", "replay?fromSequence=-1", "replay?fromSequence=x", "replay?afterSequence=1&fromSequence=1", "replay?limit=0",
            "replay?limit=1001", "replay?limit=-5", "replay?limit=x", "replay?since=yesterday", "replay?since=2026-13-45T00:00:00Z", "replay?since=1760000000000", "replay?since=1/2/2026", "replay?since=10:00",
            "stream?afterSequence=-1", "stream?afterSequence=x",
        ])
        {
            addresses.Add($"api/runs/550e8400-e29b-41d4-a716-446655440000/collaboration/{query}");
        }
        foreach (var runId in Hostile.RunIds)
        {
            foreach (var end in (string[])["poll", "replay", "state", "stream"]) addresses.Add($"api/runs/{runId}/collaboration/{end}");
        }
        return addresses;
    }

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_wrong_body_is_refused_and_stores_nothing(string body)
    {
        var run = Guid.NewGuid();
        using var other = server.Api("bob");

        var answer = await RawHttp.PublishAsync(server.Address, run, Token, Hostile.Spell(body));

        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, answer);
        Assert.Equal(1, (await other.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" })).Value.SequenceNumber);
        server.AssertNoComplaint();
    }

    [Theory]
    [MemberData(nameof(WrongAddresses))]
    public async Task A_wrong_address_is_refused(string path)
    {
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await RawHttp.SendAsync(server.Address, HttpMethod.Get, path, Token));
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("1, 2")]
    public async Task A_wrong_Last_Event_ID_is_refused(string lastEventId)
    {
        var path = $"api/runs/{Guid.NewGuid()}/collaboration/stream";

        RawHttp.AssertRefused(
            CollabErrorCode.InvalidEvent, await RawHttp.SendAsync(server.Address, HttpMethod.Get, path, Token, headers: ("Last-Event-ID", lastEventId)));
    }

    [Theory]
    [InlineData("poll?afterSequence=9223372036854775807")]
    [InlineData("replay?afterSequence=9223372036854775807")]
    [InlineData("replay?fromSequence=9223372036854775807&limit=1000")]
    [InlineData("replay?userId=%00")]
    [InlineData("replay?userId=%ED%A0%80")]
    [InlineData("replay?userId=nobody&eventType=NO_SUCH_TYPE")]
    [InlineData("replay?since=9999-12-31T23:59:59Z")]
    public async Task A_filter_that_nothing_passes_finds_nothing(string query)
    {
        var run = Guid.NewGuid();
        using var api = server.Api("bob");
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });

        var answer = await api.GetAsync($"api/runs/{run}/collaboration/{query}");

        Assert.Equal(200, (int)answer.Status);
        Assert.Equal(0, answer.Json.GetProperty("events").GetArrayLength());
        Assert.Equal(1, answer.Json.GetProperty("lastSequence").GetInt64());
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData(17 << 10)]
    [InlineData(70 << 10)]
    [InlineData(10 << 20)]
    public async Task A_body_that_is_too_large_is_413(int length)
    {
        var run = Guid.NewGuid();

        var answer = await RawHttp.PublishAsync(
            server.Address, run, Token, $$"""{"eventType":"GRAFT","data":{"after":"A","agentName":"{{new string('x', length)}}"} }""");

        RawHttp.AssertRefused(CollabErrorCode.PayloadTooLarge, answer);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_client_that_goes_or_falls_silent_in_the_middle_of_a_body_is_nobodys_failure()
    {
        using (var gone = await SendHalfABodyAsync()) gone.LingerState = new(enable: true, seconds: 0);
        using (var closed = await SendHalfABodyAsync()) closed.Client.Shutdown(SocketShutdown.Both);

        using var silent = await SendHalfABodyAsync();
        using var answer = new StreamReader(silent.GetStream());
        var status = await answer.ReadLineAsync().WaitAsync(Patience.Default);

        Assert.Equal("HTTP/1.1 408 Request Timeout", status);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task Another_method_or_media_type_is_refused_with_a_code()
    {
        var path = $"api/runs/{Guid.NewGuid()}/collaboration/events";
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var text = new StringContent("hello");

        using var asText = await http.PostAsync(new Uri(path, UriKind.Relative), text);
        var put = await RawHttp.SendAsync(server.Address, HttpMethod.Put, path, Token, "{}");

        Assert.Equal(415, (int)asText.StatusCode);
        Assert.Contains("\"invalid_event\"", await asText.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(405, (int)put.Status);
        Assert.Equal(CollabErrorCode.InvalidEvent, put.Code);
    }

    private async Task<TcpClient> SendHalfABodyAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/runs/{Guid.NewGuid()}/collaboration/events HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {Token}\r\n"
            + "Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"eventType\""));
        // The server asks for the body when it begins to read it.
        await client.GetStream().ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length]).AsTask().WaitAsync(Patience.Default);
        return client;
    }
}
