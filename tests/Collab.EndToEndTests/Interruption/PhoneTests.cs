using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A phone has the least room when there is the most to say: many people, a lost connection, and changes that wait for it.</summary>
[Collection(Rough.Name)]
public sealed class PhoneTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Among_many_and_without_a_connection_nothing_reaches_beyond_the_edge()
    {
        await using var network = new Network(server);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana", network, Devices.Phone);
        foreach (var user in (string[])["ben", "cyd", "dan", "eve", "fay"]) await run.ConnectAsync(user);
        await ana.SeesAsync("ana", "ben", "cyd", "dan", "eve", "fay");
        await FitsAsync(ana);

        network.GoDown();
        await ana.IsConnectedAsync(false);
        await ana.SendGraftsAsync(3);
        await Expect(ana.Queued).ToHaveTextAsync("3");
        await Expect(ana.Health).ToContainTextAsync("Disconnected");
        await FitsAsync(ana);

        (network.IsDown, network.BreaksWebSockets) = (false, true);
        await Expect(ana.FallbackWarning).ToBeVisibleAsync();
        await FitsAsync(ana);
        Assert.Equal(3, (await run.AgreeAsync()).Count);
    }

    /// <summary>All of it is in the window, what opens in the header included, and the header is as high as when all is well.</summary>
    private static async Task FitsAsync(Person person)
    {
        var appearance = new Appearance(person.Page);
        await InTheWindowAsync();

        await person.Health.GetByRole(AriaRole.Button).TapAsync();
        await Expect(person.Health.GetByRole(AriaRole.Group, new() { Name = "Connection details" })).ToBeInViewportAsync(new() { Ratio = 1 });
        await InTheWindowAsync();
        await person.Page.Keyboard.PressAsync("Escape");

        var more = person.Page.GetByRole(AriaRole.Button, new() { Name = "more people" });
        await more.TapAsync();
        await Expect(person.Avatars.Last).ToBeInViewportAsync(new() { Ratio = 1 });
        await InTheWindowAsync();
        await more.TapAsync();
        await Expect(person.Avatars.Last).ToBeHiddenAsync();

        async Task InTheWindowAsync()
        {
            Nothing.In(await appearance.BeyondTheEdgeAsync());
            Assert.Equal(0, await appearance.OverflowAsync());
            Assert.InRange((await person.Page.Locator("collab-run-header").BoundingBoxAsync())!.Height, 1, 110);
        }
    }
}
