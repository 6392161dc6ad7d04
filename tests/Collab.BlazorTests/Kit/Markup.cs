using IElement = AngleSharp.Dom.IElement;

namespace Collab.BlazorTests.Kit;

/// <summary>Finds things in rendered HTML.</summary>
internal static class Markup
{
    /// <summary>The elements with a test id, in order.</summary>
    public static IElement[] All(this IElement page, string testId) => [.. page.QuerySelectorAll($"[data-testid={testId}]")];

    /// <summary>The only element with a test id; null if there is none.</summary>
    public static IElement? Find(this IElement page, string testId) => page.All(testId).SingleOrDefault();

    /// <summary>The elements of a class, in order.</summary>
    public static IElement[] OfClass(this IElement page, string name) => [.. page.GetElementsByClassName(name)];

    /// <summary>The elements of a kind, in order.</summary>
    public static IElement[] Tags(this IElement page, string name) => [.. page.GetElementsByTagName(name)];

    /// <summary>What one reads there, white space as a browser shows it.</summary>
    public static string Text(this IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static string? Get(this IElement element, string attribute) => element.GetAttribute(attribute);
}
