using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>Who is there: one avatar each.</summary>
[Collection(Calm.Name)]
public sealed class PresenceTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Avatars_come_and_go_with_the_people()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        await ana.SeesAsync("ana");

        var ben = await run.JoinAsync("ben");
        var cyd = await run.JoinAsync("cyd");
        foreach (var person in new[] { ana, ben, cyd }) await person.SeesAsync("ana", "ben", "cyd");

        await run.LeaveAsync(ben);
        foreach (var person in new[] { ana, cyd }) await person.SeesAsync("ana", "cyd");
        await run.AgreeAsync();
    }

    [Fact]
    public async Task Who_has_two_tabs_is_there_once_joins_once_and_leaves_once()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await Expect(ana.NoticesOf("join")).ToHaveTextAsync(["ben joined"]);
        await ana.DismissAllAsync();

        var other = await run.OpenAnotherTabAsync(ben);
        foreach (var person in new[] { ana, ben, other }) await person.SeesAsync("ana", "ben");
        await run.LeaveAsync(ben);
        await run.HasConnectionsAsync(2);
        // Comes after a leave notice, were there one.
        await other.SendGraftsAsync(1);
        await Expect(ana.NoticesOf("graft")).ToHaveTextAsync(["ben grafted ben-1 after ARCHITECT"]);
        await ana.SeesAsync("ana", "ben");
        await Expect(ana.NoticesOf("join").Or(ana.NoticesOf("leave"))).ToHaveCountAsync(0);

        await run.LeaveAsync(other);
        await ana.SeesAsync("ana");
        await Expect(ana.NoticesOf("leave")).ToHaveTextAsync(["ben left"]);
        await run.AgreeAsync();
    }

    [Fact]
    public async Task Whom_there_is_no_room_for_stand_behind_a_number()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        string[] others = ["ben", "cyd", "dan", "eva", "fay", "gus"];
        var clients = new List<HubClient>();
        foreach (var user in others) clients.Add(await run.ConnectAsync(user));

        await ana.SeesAsync(["ana", .. others]);
        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "3 more people" }).ClickAsync();
        await Expect(ana.Avatars.Last).ToBeVisibleAsync();

        foreach (var client in clients) await client.DisposeAsync();
        await ana.SeesAsync("ana");
        await run.AgreeAsync();
    }
}
