using System.Globalization;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>A run, the people who have it open, and what must hold for them in the end.</summary>
internal sealed class SharedRun(Chromium chromium, DemoServer server) : IAsyncDisposable
{
    private readonly List<Person> _people = [];
    private readonly List<(IBrowserContext Context, ErrorWatch Errors)> _browsers = [];
    private readonly List<HubClient> _clients = [];

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Opens the run for a user in a browser of their own, and waits until the page is connected.</summary>
    /// <param name="user">Their name.</param>
    /// <param name="network">What their connections go through; null: straight to the server.</param>
    /// <param name="options">The kind of browser: size, theme, motion.</param>
    public async Task<Person> JoinAsync(string user, Network? network = null, BrowserNewContextOptions? options = null)
    {
        var context = await chromium.Browser.NewContextAsync(options ?? new());
        _browsers.Add((context, new ErrorWatch(context) { NetworkBreaks = network is not null }));
        context.SetDefaultTimeout((float)Patience.Default.TotalMilliseconds);
        await context.AddInitScriptAsync(Person.ListenToStore);
        return await OpenTabAsync(user, context, new Uri(network?.Address ?? server.Address, $"runs/{Id}?user={user}"));
    }

    /// <summary>Opens the run in another tab of the same browser, as the same user.</summary>
    public Task<Person> OpenAnotherTabAsync(Person person) =>
        OpenTabAsync(person.Name, person.Page.Context, person.Address);

    /// <summary>Somebody whose browser could not load the page opens it again in the same tab.</summary>
    public static async Task OpenAgainAsync(Person person)
    {
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await person.Page.GotoAsync(person.Address.ToString());
                return true;
            }
            catch (PlaywrightException e) when (e.Message.Contains("interrupted by another navigation", StringComparison.Ordinal))
            {
                // Chromium still puts its own page in the place of the one that did not load.
                return false;
            }
        });
        await person.IsConnectedAsync();
    }

    /// <summary>Somebody joins without a browser.</summary>
    public async Task<HubClient> ConnectAsync(string user)
    {
        var client = await server.ConnectAsync(user);
        _clients.Add(client);
        await client.JoinAsync(Id);
        return client;
    }

    /// <summary>Somebody closes their tab.</summary>
    public async Task LeaveAsync(Person person)
    {
        _people.Remove(person);
        await person.Page.CloseAsync();
    }

    /// <summary>The server has noticed who closed their tab: so many hub connections are left in the run.</summary>
    public async Task HasConnectionsAsync(int count)
    {
        using var api = await server.AdminAsync();
        await Eventually.TrueAsync(async () => (await api.GetAsync<RunConnections>($"api/admin/websocket/connections/{Id}")).Value.ConnectionCount == count);
    }

    /// <summary>From here on failed requests are what the test wants.</summary>
    public void ExpectNetworkFailures()
    {
        foreach (var (_, errors) in _browsers) errors.NetworkBreaks = true;
    }

    /// <summary>
    /// Everybody's page has settled and holds the same critical events as the server, each once, in order, without a gap; tells the application so
    /// and shows it in the timeline; and has nothing to complain about.
    /// </summary>
    /// <returns>The events.</returns>
    public async Task<IReadOnlyList<CollaborationEvent>> AgreeAsync()
    {
        var truth = await ReadAsync();
        Assert.Equal(Enumerable.Range(1, truth.Events.Count).Select(n => (long?)n), truth.Events.Select(e => e.SequenceNumber));
        foreach (var person in _people) await AgreesAsync(person, truth.Events, truth.State);
        AssertNoComplaint();
        return truth.Events;
    }

    /// <summary>Neither the pages nor the server have anything to complain about.</summary>
    public void AssertNoComplaint()
    {
        foreach (var (_, errors) in _browsers) errors.AssertNone();
        server.AssertNoComplaint();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (context, _) in _browsers) await context.DisposeAsync();
        foreach (var client in _clients) await client.DisposeAsync();
    }

    /// <summary>The run as the server has it, once nobody has anything left to send.</summary>
    private async Task<(IReadOnlyList<CollaborationEvent> Events, RunState State)> ReadAsync()
    {
        foreach (var person in _people) await Eventually.NothingLeftAsync(async () => await person.PendingAsync());
        using var api = await server.AdminAsync();
        var replay = (await api.ReplayAsync(Id, limit: 1000)).Value;
        Assert.False(replay.HasMore);
        return (replay.Events, (await api.StateAsync(Id)).Value with { Fingerprint = null });
    }

    private static async Task AgreesAsync(Person person, IReadOnlyList<CollaborationEvent> truth, RunState state)
    {
        var last = truth.Count;
        await Eventually.NothingLeftAsync(async () => last - await person.LastSequenceAsync());
        Assert.Equal(truth.Select(Text), (await person.EventsAsync()).Select(Text));
        Assert.Equal(Enumerable.Range(1, last).Select(n => (long)n), await person.HeardAsync());
        Assert.Equivalent(state, await person.StateAsync(), strict: true);

        const int Drawn = 100;
        var newest = Enumerable.Range(1, last).Reverse().Take(Drawn).ToArray();
        await Expect(person.Rows).ToHaveCountAsync(newest.Length);
        var rows = await person.Rows.EvaluateAllAsync<int[]>("rows => rows.map((row) => Number(row.dataset.sequence))");
        Assert.Equal(newest, rows);
    }

    private static string Text(CollaborationEvent e) =>
        string.Create(CultureInfo.InvariantCulture, $"#{e.SequenceNumber} {e.MessageId} {e.EventType} by {e.UserId} at {e.Timestamp}: {e.Data.GetRawText()}");

    private async Task<Person> OpenTabAsync(string user, IBrowserContext context, Uri address)
    {
        var page = await context.NewPageAsync();
        var person = new Person(user, page, address);
        await page.GotoAsync(address.ToString());
        _people.Add(person);
        await person.IsConnectedAsync();
        return person;
    }
}
