using Collab.EndToEndTests.Kit;
using Collab.TestKit;
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
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Project = "docs/examples/blazor-wasm",
            Environment = "Development",
            Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null },
        });
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
}
