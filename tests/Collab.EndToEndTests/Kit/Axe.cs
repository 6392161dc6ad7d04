using Collab.TestKit;
using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>axe-core, which looks for what keeps people out: rules of WCAG and good practice, as far as a program can check them.</summary>
internal static class Axe
{
    private static readonly string Script = Path.Combine(Repository.Root, "src", "web", "node_modules", "axe-core", "axe.min.js");

    /// <summary>What it has to say against a page as it is now.</summary>
    public static async Task<string[]> FaultsAsync(IPage page)
    {
        // Evaluated, not put into the document: the page's policy allows no inline script.
        await page.EvaluateAsync(await File.ReadAllTextAsync(Script));
        return await page.EvaluateAsync<string[]>(
            """
            async () => {
              await Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished));
              const { violations } = await axe.run(document, { resultTypes: ['violations'] });
              return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 300)}`));
            }
            """);
    }
}
