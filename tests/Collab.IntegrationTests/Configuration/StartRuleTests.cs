using System.Net;
using System.Net.Sockets;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>A server that anybody could enter does not start, except where only a developer can reach it.</summary>
public sealed class StartRuleTests
{
    private const string Loopback = "http://127.0.0.1:0";

    private static readonly ServerSettings Development = new()
    {
        Environment = "Development",
        Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null },
    };

    [Theory]
    [InlineData("Production", Loopback)]
    [InlineData("Staging", Loopback)]
    [InlineData("Development", "http://0.0.0.0:0")]
    [InlineData("Development", "http://*:0")]
    [InlineData("Development", "http://[::]:0")]
    [InlineData("Development", Loopback + ";http://0.0.0.0:0")]
    public async Task Without_a_key_it_refuses_to_start_and_says_what_to_set(string environment, string url)
    {
        var (exitCode, output) = await RefusedStart.RunAsync(environment, url);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Collab:Auth:SigningKey", output, StringComparison.Ordinal);
        Assert.Contains("Collab:Auth:Authority", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_on_loopback_it_hands_out_tokens_that_outlive_a_restart()
    {
        await using var server = await ServerProcess.StartAsync(Development);
        var run = Guid.NewGuid();
        var token = await TokenAsync(server, "user=alice");
        await using (var hub = await HubClient.ConnectAsync(server.BaseAddress, token))
        {
            Assert.Equal(1, (await hub.GraftAsync(run)).SequenceNumber);
        }
        using var api = new ApiClient(server.BaseAddress, token);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.EraseAsync(run)).Status);

        await server.StopAsync();
        await server.StartAgainAsync();

        Assert.Equal("alice", Assert.Single((await api.ReplayAsync(run)).Value.Events).UserId);
        using var admin = new ApiClient(server.BaseAddress, await TokenAsync(server, "user=root&admin=true"));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.EraseAsync(run)).Status);
    }

    [Fact]
    public async Task A_development_token_gives_the_rights_that_were_asked_for()
    {
        await using var server = await ServerProcess.StartAsync(Development);
        var (read, write) = (Guid.NewGuid(), Guid.NewGuid());
        using var api = new ApiClient(server.BaseAddress, await TokenAsync(server, $"user=alice&access={read}:read&access={write}:write"));
        var graft = new { after = "A", agentName = "x" };

        Assert.Equal(HttpStatusCode.OK, (await api.PollAsync(read)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PublishAsync(read, "GRAFT", graft)).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(write, "GRAFT", graft)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PollAsync(Guid.NewGuid())).Status);
    }

    [Fact]
    public async Task With_a_key_there_are_no_development_tokens()
    {
        await using var server = await ServerProcess.StartAsync(new() { Environment = "Development" });

        Assert.Equal(HttpStatusCode.NotFound, (await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "dev/token?user=alice", token: null)).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", "--urls")]
    [InlineData("localhost", "--urls")]
    [InlineData("127.0.0.1", "Collab:Metrics:Port")]
    public async Task An_address_that_another_program_listens_on_is_a_sentence(string host, string key)
    {
        using var other = new TcpListener(IPAddress.IPv6Any, 0);
        other.Server.DualMode = true;
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        List<(string Key, string Value)> configuration = [("Collab:Auth:SigningKey", TestTokens.Key)];
        if (key != "--urls") configuration.Add((key, $"{port}"));
        var (exitCode, output) = await RefusedStart.RunAsync(
            "Production", key == "--urls" ? $"http://{host}:{port}" : Loopback, [.. configuration]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{port}", output[output.IndexOf(key, StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
    }

    /// <summary>A proxy on this machine asks for the whole world.</summary>
    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("X-Real-IP", "203.0.113.7")]
    [InlineData("X-Client-IP", "203.0.113.7")]
    [InlineData("Via", "1.1 proxy")]
    public async Task There_are_no_development_tokens_through_a_proxy(string header, string value)
    {
        await using var server = await ServerProcess.StartAsync(Development);

        Assert.Equal(HttpStatusCode.NotFound, (await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "dev/token", null, null, (header, value))).Status);
    }

    [Fact]
    public async Task There_are_no_development_tokens_through_nginx_as_it_comes()
    {
        await using var server = await ServerProcess.StartAsync(Development);
        await using var nginx = await Nginx.StartAsync(
            server.BaseAddress, block => block[..block.IndexOf("        # WebSockets, and", StringComparison.Ordinal)] + "    }\n}\n");
        using var http = nginx.CreateClient();

        using var answer = await http.GetAsync(new Uri(nginx.Address, "dev/token"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "health/live", null)).Status);
    }

    [Fact]
    public async Task A_page_from_a_development_server_of_its_own_gets_a_token()
    {
        await using var server = await ServerProcess.StartAsync(Development with
        {
            Configuration = new Dictionary<string, string?>(Development.Configuration) { ["Collab:Cors:Origins"] = "http://localhost:4200" },
        });

        var answer = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "dev/token?user=", null, null, ("Origin", "http://localhost:4200"));

        Assert.Equal((HttpStatusCode.OK, "http://localhost:4200"), (answer.Status, answer.Headers.GetValues("Access-Control-Allow-Origin").Single()));
    }

    private static async Task<string> TokenAsync(ServerProcess server, string query)
    {
        var answer = await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, $"dev/token?{query}", token: null);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.Json.GetProperty("expiresAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
        return answer.Json.GetProperty("token").GetString()!;
    }
}
