using System.Diagnostics;
using System.Text.RegularExpressions;
using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>The Blazor application of tests/Collab.BlazorSample as a process of its own: one for all its visitors, as Blazor Server is.</summary>
internal sealed partial class BlazorSample : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("blazor");
    private readonly ChildProcess _process;
    private Uri? _address;

    private BlazorSample(Uri server)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Repository.AssemblyOf("tests/Collab.BlazorSample"), "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = _folder.Path,
        };
        // Only in Development does a built application find its style sheets without being published.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Collab__Server"] = server.ToString();
        _process = ChildProcess.Start(start);
    }

    /// <param name="server">The Collab server, or what is in front of it.</param>
    public static async Task<BlazorSample> StartAsync(Uri server)
    {
        var sample = new BlazorSample(server);
        try
        {
            sample._address = new Uri((await sample._process.WaitForLineAsync(Listening())).Groups["address"].Value);
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a run for a visitor in a browser of their own, and waits until it is connected.</summary>
    public async Task<IPage> OpenAsync(IBrowserContext browser, Guid run, string user)
    {
        browser.SetDefaultTimeout((float)Patience.Default.TotalMilliseconds);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(_address!, $"runs/{run}?user={user}").ToString());
        await Expect(page.Locator(".panel .word")).ToHaveTextAsync("Connected");
        return page;
    }

    /// <summary>No circuit failed, and nothing else did.</summary>
    public void AssertNoComplaint() => Assert.DoesNotContain(_process.Output.All, line => Complaint().IsMatch(line));

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();

    [GeneratedRegex("^(fail|crit): |Unhandled exception|UnobservedTaskException", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Complaint();
}
