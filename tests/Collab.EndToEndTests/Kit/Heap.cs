using System.Globalization;
using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>The JavaScript heap of a page.</summary>
internal sealed class Heap(ICDPSession session)
{
    public static async Task<Heap> OfAsync(IPage page) => new(await page.Context.NewCDPSessionAsync(page));

    /// <summary>What is in use once all that nobody refers to is gone, in bytes.</summary>
    public async Task<long> UsedAsync()
    {
        await session.SendAsync("HeapProfiler.collectGarbage");
        var usage = await session.SendAsync("Runtime.getHeapUsage");
        return (long)usage!.Value.GetProperty("usedSize").GetDouble();
    }

    public static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024.0:F2} MiB");
}
