using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A browser that connects and disconnects again and again leaves nothing behind. <c>COLLAB_LONG_TESTS=1</c> makes it 500 times.</summary>
[Collection(Rough.Name)]
public sealed class StormTests(Chromium chromium, ITestOutputHelper output)
{
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);
    private static readonly int Times = Environment.GetEnvironmentVariable("COLLAB_LONG_TESTS") == "1" ? 500 : 60;

    /// <summary>What counts requests and connections that are under way, below all that is ours.</summary>
    private static readonly string[] UnderWay = ["kestrel_active_connections", "http_server_active_requests", "signalr_server_active_connections"];

    [Fact]
    public async Task Of_a_browser_that_connects_and_disconnects_all_the_time_nothing_is_left()
    {
        var server = await DemoServer.StartAsync();
        try
        {
            using var admin = await server.AdminAsync();
            await using (var first = new SharedRun(chromium, server)) await first.JoinAsync("first");
            await NobodyIsThereAsync(admin);
            var (handles, underWay) = (Handles(server), await UnderWayAsync(admin));

            Guid run;
            await using (var storm = new SharedRun(chromium, server))
            {
                run = storm.Id;
                var ana = await storm.JoinAsync("ana");
                // Some have hardly begun when they are ended, and some are all there.
                var connected = await ana.Page.EvaluateAsync<int>(
                    """
                    async ([run, times]) => {
                      const store = window.collaborationStore;
                      let connected = 0;
                      for (let i = 0; i < times; i++) {
                        store.disconnect();
                        store.connect(run);
                        await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
                        if (store.isConnected()) connected++;
                      }
                      return connected;
                    }
                    """,
                    new object[] { run.ToString(), Times });
                await ana.IsConnectedAsync();
                // The browser itself warns of each connection that is ended before it stands; the page and the server have nothing to say.
                server.AssertNoComplaint();
                output.WriteLine($"{Times} times, of which {connected} were connected before they were ended");
            }

            await NobodyIsThereAsync(admin);
            Assert.Empty((await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.ActiveUsers);
            await Eventually.TrueAsync(() => Handles(server) <= handles + 20, BackWithin);
            await Eventually.TrueAsync(async () => await UnderWayAsync(admin) <= underWay + 2, BackWithin);
            output.WriteLine($"handles {handles} before, {Handles(server)} after; requests and connections under way {underWay} and {await UnderWayAsync(admin)}");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static Task NobodyIsThereAsync(ApiClient admin) => Eventually.TrueAsync(
        async () => (await admin.GetAsync<ConnectionOverview>("api/admin/websocket/connections")).Value.TotalConnections == 0, BackWithin);

    private static int Handles(DemoServer server) => Directory.GetFiles($"/proc/{server.Process.Id}/fd").Length;

    private static async Task<double> UnderWayAsync(ApiClient admin) =>
        (await admin.MetricsAsync()).Samples.Where(s => UnderWay.Any(name => s.Key.StartsWith(name, StringComparison.Ordinal))).Sum(s => s.Value);
}
