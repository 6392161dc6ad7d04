using System.Text.RegularExpressions;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary>Whoever follows a link of an alert or a panel arrives, and finds it explained.</summary>
public sealed partial class DocsTests
{
    private const string Docs = "docs/operations.md";

    private static readonly string Text = OperationsFiles.Read(Docs);

    private static readonly string[] Anchors = [.. Heading().Matches(Text).Select(m => AnchorOf(m.Groups["title"].Value))];

    [Fact]
    public void Every_alert_links_to_its_own_section_and_every_such_section_is_of_an_alert()
    {
        var alerts = OperationsFiles.Alerts();
        Assert.All(alerts, alert => Assert.Equal($"{Docs}#{AnchorOf(alert.Text("alert")!)}", alert.GetProperty("annotations").Text("runbook_url")));

        var sections = Heading().Matches(Text).Select(m => m.Groups["title"].Value).Where(t => t.StartsWith("Collab", StringComparison.Ordinal) && !t.Contains(' ', StringComparison.Ordinal));
        Assert.Equal(alerts.Select(a => a.Text("alert")).Order(StringComparer.Ordinal), sections.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_panel_links_to_a_section_that_explains_it()
    {
        Assert.All(Dashboard.Read().Charts, panel =>
        {
            var anchor = panel.Json.GetProperty("links")[0].Text("url")!["${docs}#".Length..];
            Assert.Contains(anchor, Anchors);
            Assert.Contains($"| {panel.Title} |", SectionOf(anchor), StringComparison.Ordinal);
        });
    }

    /// <summary>From a heading to the next.</summary>
    private static string SectionOf(string anchor)
    {
        var headings = Heading().Matches(Text);
        var found = headings.First(m => AnchorOf(m.Groups["title"].Value) == anchor);
        var next = headings.FirstOrDefault(m => m.Index > found.Index)?.Index ?? Text.Length;
        return Text[found.Index..next];
    }

    /// <summary>A heading's anchor as GitHub and GitLab make it.</summary>
    private static string AnchorOf(string title) =>
        string.Concat(title.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex("^#+ (?<title>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();
}
