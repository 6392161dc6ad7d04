using System.Text.Json;
using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>What a page is for somebody who does not see it, or has no mouse.</summary>
internal sealed class Accessibility(IPage page)
{
    /// <summary>Roles of what one can operate.</summary>
    private static readonly string[] Operable =
    [
        "button", "link", "textbox", "searchbox", "combobox", "listbox", "slider", "checkbox", "radio", "switch", "menuitem", "tab", "spinbutton",
    ];

    /// <summary>
    /// Gives each element that can be operated now a mark, and returns them with what they look like in the source. A heading is given the
    /// focus now and then, and does nothing.
    /// </summary>
    private const string MarkOperable =
        """
        () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]:not(h1, h2)')]
          .filter((element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert]'))
          .map((element, n) => { element.dataset.operable = n; return element.cloneNode(false).outerHTML; })
        """;

    /// <summary>The focus is on nothing that has a mark.</summary>
    private const int Nowhere = -1;

    /// <summary>What can be operated with the mouse and is not reached with the Tab key, or from there with the arrow keys.</summary>
    public async Task<string[]> OutOfReachAsync()
    {
        var elements = await page.EvaluateAsync<string[]>(MarkOperable);
        var reached = new HashSet<int> { Nowhere };
        // What shows only beside the focus comes on top.
        for (var presses = 0; presses < 3 * elements.Length && reached.Count <= elements.Length; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (reached.Add(await FocusAsync())) await FollowArrowsAsync(reached);
        }
        return [.. elements.Where((_, n) => !reached.Contains(n))];
    }

    /// <summary>What can be operated and has no name.</summary>
    public async Task<string[]> NamelessAsync()
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Accessibility.enable");
        var tree = (await session.SendAsync("Accessibility.getFullAXTree"))!.Value.GetProperty("nodes");
        await session.SendAsync("Accessibility.disable");
        return [.. tree.EnumerateArray().Where(IsOperable).Where(node => Value(node, "name").Trim().Length == 0).Select(node => node.GetRawText())];
    }

    /// <summary>In a group of which the Tab key knows one member, the arrow keys lead to the others.</summary>
    private async Task FollowArrowsAsync(HashSet<int> reached)
    {
        if (!await page.EvaluateAsync<bool>("document.activeElement.matches('[data-node-id]')")) return;
        var start = await FocusAsync();
        await page.Keyboard.PressAsync("Home");
        do reached.Add(await FocusAsync());
        while (await MovesAsync("ArrowRight"));
        while (await FocusAsync() != start && await MovesAsync("ArrowLeft")) { }
    }

    private async Task<bool> MovesAsync(string key)
    {
        var before = await FocusAsync();
        await page.Keyboard.PressAsync(key);
        return await FocusAsync() != before;
    }

    private Task<int> FocusAsync() => page.EvaluateAsync<int>($"Number(document.activeElement?.dataset.operable ?? {Nowhere})");

    private static bool IsOperable(JsonElement node) =>
        !node.GetProperty("ignored").GetBoolean() && (Operable.Contains(Value(node, "role")) || IsFocusable(node));

    private static bool IsFocusable(JsonElement node) =>
        Value(node, "role") != "RootWebArea"
        && node.TryGetProperty("properties", out var properties)
        && properties.EnumerateArray().Any(p => p.GetProperty("name").GetString() == "focusable" && p.GetProperty("value").GetProperty("value").GetBoolean());

    private static string Value(JsonElement node, string property) =>
        node.TryGetProperty(property, out var named) && named.TryGetProperty("value", out var value) ? value.ToString() : "";
}
