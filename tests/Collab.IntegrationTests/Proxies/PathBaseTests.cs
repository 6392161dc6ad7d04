using System.Net;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Proxies;

/// <summary>Everything works below a path that a proxy leaves in the address.</summary>
public sealed class PathBaseTests
{
    [Fact]
    public async Task API_hub_and_document_are_below_the_path()
    {
        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Proxies:PathBase"] = "/collab" },
        });
        var below = new Uri(server.BaseAddress, "collab/");
        var token = TestTokens.Create("alice");
        var run = Guid.NewGuid();

        await using var hub = await HubClient.ConnectAsync(below, token);
        Assert.Equal(1, (await hub.GraftAsync(run)).SequenceNumber);
        Assert.Equal(HttpStatusCode.OK, (await RawHttp.SendAsync(below, HttpMethod.Get, $"api/runs/{run}/collaboration/poll", token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await RawHttp.SendAsync(below, HttpMethod.Get, $"api/runs/{run}/collaboration/stream?access_token={token}", null)).Status);
        var document = await RawHttp.SendAsync(below, HttpMethod.Get, "openapi/v1.json", null);
        Assert.Equal("/collab", document.Json.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.OK, (await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "health/ready", null)).Status);
    }
}
