using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>What people hold in their hands.</summary>
internal static class Devices
{
    /// <summary>One of the smaller phones.</summary>
    public static BrowserNewContextOptions Phone => new() { ViewportSize = new() { Width = 360, Height = 740 }, HasTouch = true };
}
