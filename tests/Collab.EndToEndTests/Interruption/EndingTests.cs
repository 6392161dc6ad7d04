using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>The server ends a connection: the page says why in words, and comes back.</summary>
[Collection(Rough.Name)]
public sealed partial class EndingTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Who_is_disconnected_by_an_administrator_comes_back_and_can_read_why()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        run.ExpectNetworkFailures();
        using var api = await server.AdminAsync();
        var connections = (await api.GetAsync<RunConnections>($"api/admin/websocket/connections/{run.Id}")).Value;

        await api.SendAsync(HttpMethod.Delete, $"api/admin/websocket/connections/{Assert.Single(connections.Connections).SessionId}");

        await Eventually.TrueAsync(async () => await ana.ReasonAsync() == "kicked");
        await ana.IsConnectedAsync();
        await ana.SendGraftsAsync(1);
        await ana.Health.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(ana.Page.GetByTestId("ending-reason")).ToHaveTextAsync(KickedAtSomeTime());
        await run.AgreeAsync();
    }

    [GeneratedRegex(@"^Last ended at \d\d:\d\d:\d\d An administrator ended the connection\.$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KickedAtSomeTime();
}
