using Collab.EndToEndTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Playwright;
using Npgsql;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Administration;

/// <summary>The administrators' page on real servers that share a PostgreSQL: what waits for a decision is decided there, and servers come and go.</summary>
[Collection(Rough.Name)]
public sealed class AdminPageTests(Chromium chromium) : IAsyncLifetime
{
    private PostgresServer? _postgres;
    private string? _database;
    private DemoServer? _server;
    private IBrowserContext? _context;
    private IPage? _page;

    private DemoServer Server => _server!;

    private IPage Page => _page!;

    public async Task InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _database = await _postgres.CreateDatabaseAsync();
        _server = await DemoServer.StartAsync(_database);
        _context = await chromium.Browser.NewContextAsync();
    }

    public async Task DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Runs_that_a_handler_has_given_up_are_retried_and_skipped()
    {
        var (retried, skipped) = (Guid.NewGuid(), Guid.NewGuid());
        await using var robot = await Server.ConnectAsync("robot");
        // What it would write to is not there: it gives up.
        await using var host = await ServerProcess.StartAsync(ServerSettings.ForPostgres(_database!) with { Project = "tests/Collab.HandlerHost" });
        await robot.GraftAsync(retried);
        await robot.GraftAsync(skipped);
        using var admin = await Server.AdminAsync();
        await Eventually.TrueAsync(
            async () => (await admin.GetAsync<IReadOnlyList<HandlerStatus>>("api/admin/handlers")).Value is [{ ParkedRuns: 2 }], Patience.Process);
        await OpenAsync();
        await Expect(Page.Locator("[data-handler=recorder] collab-health-badge")).ToHaveTextAsync("Gave up 2 runs");
        await ExecuteAsync("CREATE TABLE handled (run_id uuid, sequence bigint, server integer, alone boolean)");

        await Page.Locator($"[data-run='{skipped}']").GetByRole(AriaRole.Button, new() { Name = "Skip" }).ClickAsync();
        await Page.GetByTestId("skip-confirm").ClickAsync();
        await Expect(Page.GetByTestId("handlers-result")).ToContainTextAsync("goes on after the event that failed");
        await Page.Locator($"[data-run='{retried}']").GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(Page.GetByTestId("handlers-result")).ToContainTextAsync("is tried again");

        await Expect(Page.Locator("[data-run]")).ToHaveCountAsync(0);
        // Another application has the handler: it finds the run within half a minute.
        await Eventually.TrueAsync(async () => (long)(await ExecuteAsync($"SELECT count(*) FROM handled WHERE run_id = '{retried}'"))! == 1, Patience.Process);
        Assert.Equal(0L, await ExecuteAsync($"SELECT count(*) FROM handled WHERE run_id = '{skipped}'"));
    }

    [Fact]
    public async Task Events_that_the_outbox_has_refused_are_retried_and_dropped()
    {
        var run = Guid.NewGuid();
        await using var robot = await Server.ConnectAsync("robot");
        await robot.JoinAsync(run);
        foreach (var type in (string[])["NO_SUCH", "NEITHER"])
            await ExecuteAsync($$"""INSERT INTO collaboration_outbox (run_id, event_type, data) VALUES ('{{run}}', '{{type}}', '{"after":"PM","agentName":"scanner"}')""");
        using var admin = await Server.AdminAsync();
        await Eventually.TrueAsync(async () => (await admin.GetAsync<OutboxStatus>("api/admin/outbox")).Value.FailedCount == 2);
        await OpenAsync();
        await Expect(Page.Locator("[data-row]")).ToHaveCountAsync(2);
        await ExecuteAsync("UPDATE collaboration_outbox SET event_type = 'GRAFT' WHERE event_type = 'NO_SUCH'");

        await Page.Locator("[data-row]").Filter(new() { HasText = "NO_SUCH" }).GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(Page.GetByTestId("outbox-result")).ToContainTextAsync("is tried again");
        await robot.WaitForSequenceAsync(run, 1);
        await Page.Locator("[data-row]").Filter(new() { HasText = "NEITHER" }).GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await Page.GetByTestId("drop-confirm").ClickAsync();
        await Expect(Page.GetByTestId("outbox-result")).ToContainTextAsync("was dropped");

        await Expect(Page.Locator("[data-row]")).ToHaveCountAsync(0);
        Assert.Equal(0L, await ExecuteAsync("SELECT count(*) FROM collaboration_outbox"));
    }

    [Fact]
    public async Task Two_servers_are_shown_with_their_connections_until_one_is_killed()
    {
        var other = await DemoServer.StartAsync(_database);
        try
        {
            var run = Guid.NewGuid();
            await using var ana = await Server.ConnectAsync("ana");
            await using var ben = await other.ConnectAsync("ben");
            await ana.JoinAsync(run);
            await ben.JoinAsync(run);
            await OpenAsync();
            var servers = Page.Locator("[data-server]");
            await Expect(servers).ToHaveCountAsync(2);
            await Expect(servers.Locator("collab-health-badge")).ToHaveTextAsync(["Serving", "Serving"]);
            await Expect(Page.Locator("tr[data-session]")).ToHaveCountAsync(2);
            await Expect(Page.Locator("tr[data-session]").Filter(new() { HasText = "ben" })).ToContainTextAsync($":{other.Process.Id}");
            await Page.SetViewportSizeAsync(390, 844);
            Assert.Equal(0, await new Appearance(Page).OverflowAsync());
            Nothing.In(await new Appearance(Page).FaintTextsAsync());

            await other.Process.KillAsync();

            await Expect(Page.GetByTestId("servers-missing")).ToContainTextAsync($":{other.Process.Id} does not answer");
            await Expect(servers).ToHaveCountAsync(1);
            await Expect(Page.GetByTestId("servers-missing")).ToHaveTextAsync("");
            await Expect(Page.Locator("tr[data-session]")).ToHaveCountAsync(1);
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private async Task OpenAsync()
    {
        _page = await _context!.NewPageAsync();
        await _page.GotoAsync(new Uri(Server.Address, "admin").ToString());
    }

    private async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
