using System.Xml.Linq;

namespace Collab.BlazorTests.Kit;

/// <summary>Finds things in rendered HTML.</summary>
internal static class Markup
{
    /// <summary>The elements with a test id, in order.</summary>
    public static XElement[] All(this XElement page, string testId) => [.. page.Descendants().Where(e => (string?)e.Attribute("data-testid") == testId)];

    /// <summary>The only element with a test id; null if there is none.</summary>
    public static XElement? Find(this XElement page, string testId) => page.All(testId).SingleOrDefault();

    /// <summary>The elements of a class, in order.</summary>
    public static XElement[] OfClass(this XElement page, string name) => [.. page.Descendants().Where(e => ((string?)e.Attribute("class") ?? "").Split(' ').Contains(name))];

    /// <summary>What one reads there, white space as a browser shows it.</summary>
    public static string Text(this XElement element) => string.Join(' ', element.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static string? Get(this XElement element, string attribute) => (string?)element.Attribute(attribute);
}
