using Collab.TestKit;
using Microsoft.Playwright;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Collab.EndToEndTests.Kit;

/// <summary>The browser that all tests share. It is Debian's: nothing is downloaded.</summary>
public sealed class Chromium(IMessageSink runner) : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Root has no sandbox, and a test needs none of what a browser does by itself in the background.</summary>
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-auto-reload",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout((float)Patience.Default.TotalMilliseconds);
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Find(), Args = Flags });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Shows a measurement in the output of the test run, also when all is well.</summary>
    public void Report(string figures) => runner.OnMessage(new DiagnosticMessage(figures));

    private static string Find() =>
        Places.FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"These tests need Chromium at one of {string.Join(", ", Places)}: install Debian's package chromium.");
}
