using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Examples;

/// <summary>The page of docs/examples/blazor-wasm, as it is served beside its runs.</summary>
[Collection(Rough.Name)]
public sealed class BlazorWasmExampleTests(Chromium chromium)
{
    [Fact]
    public async Task Two_people_begin_a_run_and_steer_it()
    {
        await using var server = await StartAsync();
        await using var browser = await chromium.Browser.NewContextAsync();
        browser.SetDefaultTimeout((float)Patience.Process.TotalMilliseconds);
        var errors = new ErrorWatch(browser);

        var ana = await browser.NewPageAsync();
        await ana.GotoAsync(server.BaseAddress.ToString());
        await ana.GetByLabel("Your name").FillAsync("ana");
        await ana.GetByText("Begin a run").ClickAsync();
        await Expect(ana.Locator(".panel .word")).ToHaveTextAsync("Connected");
        var ben = await browser.NewPageAsync();
        await ben.GotoAsync(ana.Url.Replace("user=ana", "user=ben", StringComparison.Ordinal));
        await Expect(ana.GetByLabel("ben, here now")).ToBeVisibleAsync();

        await ben.GetByLabel("Graft after ARCHITECT").ClickAsync();

        foreach (var page in new[] { ana, ben })
        {
            await Expect(page.Locator("[data-sequence]").First).ToContainTextAsync("ben grafted security-scanner-v1 after ARCHITECT");
            Nothing.In(await new Appearance(page).FaintTextsAsync());
            Nothing.In(await new Accessibility(page).NamelessAsync());
        }
        errors.AssertNone();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_components_have_no_fault_in_any_of_their_states(ColorScheme theme)
    {
        await using var server = await StartAsync();
        await using var browser = await chromium.Browser.NewContextAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
        browser.SetDefaultTimeout((float)Patience.Process.TotalMilliseconds);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(server.BaseAddress, "components").ToString());

        await Expect(Story("connected").Locator(".panel .word")).ToHaveTextAsync("Connected");
        await Expect(Story("timeline").Locator("[data-sequence]")).ToHaveCountAsync(5);
        await Expect(Story("presence").Locator("li").First).ToBeVisibleAsync();
        await Expect(Story("offline").GetByText("Queued: goes out when the connection is back")).ToBeVisibleAsync();
        await Expect(Story("refused").GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        Nothing.In(await Axe.FaultsAsync(page));

        // By the keyboard alone: back to before the first event, and to live again.
        await Story("timeline").GetByRole(AriaRole.Slider).FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(Story("timeline").Locator(".future")).ToHaveCountAsync(5);
        Nothing.In(await Axe.FaultsAsync(page));
        await page.Keyboard.PressAsync("End");
        await Expect(Story("timeline").Locator(".future")).ToHaveCountAsync(0);

        ILocator Story(string title) => page.Locator($"[aria-labelledby='{title}']");
    }

    private static Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(new ServerSettings
    {
        Project = "docs/examples/blazor-wasm",
        Environment = "Development",
        Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null },
    });
}
