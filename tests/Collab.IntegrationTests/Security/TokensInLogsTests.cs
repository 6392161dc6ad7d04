using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>A WebSocket's token stands in its address; however much the server logs, it is not in the log.</summary>
public sealed class TokensInLogsTests
{
    [Theory]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Logging:Console:LogLevel:Microsoft.AspNetCore")]
    [InlineData("Logging:Console:LogLevel:Default")]
    public async Task Requests_are_logged_without_their_query(string level)
    {
        await using var server = await ServerProcess.StartAsync(new() { Configuration = new Dictionary<string, string?> { [level] = "Information" } });
        var token = TestTokens.Create("alice");

        using (var socket = await RawHubSocket.ConnectAsync(server.BaseAddress, token))
        {
            await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, $"api/runs/{Guid.NewGuid()}/collaboration/stream?access_token={token}", null);
            await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "api/runs", token);
        }
        await server.StopAsync();

        if (level != "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")
            Assert.Contains(server.Output.All, line => line.Contains("/api/runs", StringComparison.Ordinal));
        Assert.DoesNotContain(token, server.Log, StringComparison.Ordinal);
    }
}
