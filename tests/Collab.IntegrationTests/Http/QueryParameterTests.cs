using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>An empty parameter is an absent one, everywhere, and a refusal names the parameter that is wrong.</summary>
public sealed class QueryParameterTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Theory]
    [InlineData("api/runs/{run}/collaboration/poll?afterSequence=&waitSeconds=&seen=&presence=")]
    [InlineData("api/runs/{run}/collaboration/replay?afterSequence=&fromSequence=&limit=&eventType=&userId=&since=")]
    [InlineData("api/runs/{run}/collaboration/replay?limit&since&afterSequence=0")]
    [InlineData("api/runs/{run}/collaboration/state?asOfSequence=")]
    [InlineData("api/runs/{run}/collaboration/stream?afterSequence=")]
    [InlineData("api/runs?limit=&cursor=")]
    [InlineData("api/admin/websocket/connections?limit=")]
    [InlineData("api/admin/websocket/metrics?limit=&offset=")]
    [InlineData("api/admin/websocket/health?local=")]
    public async Task Empty_is_absent(string path)
    {
        var run = Guid.NewGuid();
        var token = TestTokens.Create("alice", admin: true);
        using var api = new ApiClient(server.Address, token);
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });

        var answer = await RawHttp.SendAsync(server.Address, HttpMethod.Get, path.Replace("{run}", run.ToString(), StringComparison.Ordinal), token);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        if (path.Contains("/poll", StringComparison.Ordinal) || path.Contains("/replay", StringComparison.Ordinal))
            Assert.Equal(1, answer.Json.GetProperty("events").GetArrayLength());
    }

    [Theory]
    [InlineData("api/runs/{run}/collaboration/poll?afterSequence=x", "afterSequence")]
    [InlineData("api/runs/{run}/collaboration/poll?afterSequence=-1", "afterSequence")]
    [InlineData("api/runs/{run}/collaboration/poll?waitSeconds=1.5", "waitSeconds")]
    [InlineData("api/runs/{run}/collaboration/poll?waitSeconds=99999999999", "waitSeconds")]
    [InlineData("api/runs/{run}/collaboration/poll?WAITSECONDS=31", "waitSeconds")]
    [InlineData("api/runs/{run}/collaboration/poll?seen=x", "seen")]
    [InlineData("api/runs/{run}/collaboration/poll?seen=-1", "seen")]
    [InlineData("api/runs/{run}/collaboration/poll?seen=9223372036854775808", "seen")]
    [InlineData("api/runs/{run}/collaboration/poll?presence=all", "presence")]
    [InlineData("api/runs/{run}/collaboration/replay?limit=5&limit=6", "limit")]
    [InlineData("api/runs/{run}/collaboration/replay?limit=0", "limit")]
    [InlineData("api/runs/{run}/collaboration/replay?fromSequence=one", "fromSequence")]
    [InlineData("api/runs/{run}/collaboration/replay?since=yesterday", "since")]
    [InlineData("api/runs/{run}/collaboration/state?asOfSequence=x", "asOfSequence")]
    [InlineData("api/runs/{run}/collaboration/stream?afterSequence=x", "afterSequence")]
    [InlineData("api/runs?limit=x", "limit")]
    [InlineData("api/runs?cursor=x", "cursor")]
    [InlineData("api/admin/websocket/connections?limit=x", "limit")]
    [InlineData("api/admin/websocket/metrics?offset=x", "offset")]
    [InlineData("api/admin/websocket/health?local=1", "local")]
    [InlineData("api/admin/servers?local=x", "local")]
    public async Task A_refusal_names_the_parameter(string path, string parameter)
    {
        var answer = await RawHttp.SendAsync(
            server.Address, HttpMethod.Get, path.Replace("{run}", Guid.NewGuid().ToString(), StringComparison.Ordinal), TestTokens.Create("alice", admin: true));

        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, answer);
        Assert.StartsWith(parameter + " must be ", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_names_and_times_of_parameters_are_read_as_before()
    {
        var run = Guid.NewGuid();
        using var api = new ApiClient(server.Address, TestTokens.Create("alice"));
        await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });

        Assert.Equal(1, (await api.ReplayAsync(run, since: TimeProvider.System.GetUtcNow().AddHours(-1))).Value.TotalEvents);
        Assert.Equal(0, (await api.ReplayAsync(run, since: TimeProvider.System.GetUtcNow().AddHours(1))).Value.TotalEvents);
        Assert.Equal(1, (await api.GetAsync($"api/runs/{run}/collaboration/replay?since=2026-01-01T00:00:00%2B01:00")).Json.GetProperty("totalEvents").GetInt32());
    }
}
