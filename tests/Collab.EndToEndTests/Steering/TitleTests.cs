using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Steering;

/// <summary>A run is called what people call it: in its header, in the tab, and in the list.</summary>
[Collection(Calm.Name)]
public sealed class TitleTests(Chromium chromium)
{
    [Fact]
    public async Task A_title_given_by_one_is_what_all_see_and_find()
    {
        await using var server = await DemoServer.StartAsync(hasTitles: true);
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        var title = $"Checkout {run.Id:N}"[..20];

        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Give this run a title" }).ClickAsync();
        await ana.Page.GetByTestId("title-field").FillAsync(title);
        await ana.Page.Keyboard.PressAsync("Enter");

        foreach (var page in (IPage[])[ana.Page, ben.Page])
        {
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
            await Expect(page).ToHaveTitleAsync($"{title} · Collab");
        }
        await Expect(ben.Rows.First).ToContainTextAsync($"ana named the run: “{title}”");
        await Expect(ben.NoticesOf("title")).ToHaveTextAsync($"ana named the run: “{title}”");
        await Expect(ana.Notices).ToHaveCountAsync(0);
        // What happens after it does not take it away, nor does somebody who comes later.
        await ben.Pipeline.PruneAsync("SRE");
        var eve = await run.JoinAsync("eve");
        await Expect(eve.Page.GetByTestId("run-title")).ToHaveTextAsync(title);
        await eve.Page.GotoAsync(server.Address.ToString());
        await Expect(eve.Page.GetByTestId("run-list").GetByRole(AriaRole.Listitem).First.Locator("strong")).ToHaveTextAsync(title);
        await run.LeaveAsync(eve);

        await ana.Page.GetByRole(AriaRole.Button, new() { Name = "Give this run a title" }).ClickAsync();
        await ana.Page.GetByTestId("title-field").FillAsync("");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Expect(ben.Page.GetByTestId("run-title")).ToHaveTextAsync(new Regex("^ *[A-Z][a-z]+ [A-Z][a-z]+ *$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await run.AgreeAsync();
    }
}
