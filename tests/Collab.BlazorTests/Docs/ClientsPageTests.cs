using System.Text.RegularExpressions;
using Collab.BlazorTests.Kit;
using Collab.TestKit;
using Microsoft.AspNetCore.Components.Rendering;
using Xunit;

namespace Collab.BlazorTests.Docs;

/// <summary>What docs/clients.md shows of Blazor compiles, and works: the components beside this are what it shows.</summary>
public sealed partial class ClientsPageTests
{
    [Fact]
    public void Each_component_of_the_page_is_compiled()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Collab.BlazorTests", "Docs");
        var compiled = Directory.GetFiles(folder, "*.razor").Select(file => File.ReadAllText(file).TrimEnd()).ToArray();
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "clients.md"));

        var shown = Fenced().Matches(page).Select(match => match.Groups["code"].Value.TrimEnd()).ToArray();

        Assert.Equal(compiled.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_of_a_run_works() => Stage.Play(stage =>
    {
        stage.Show(RunPage);
        stage.Join("""{ "events": [1], "activeUsers": ["alice"] }""");
        stage.Receive("""[{ "sequenceNumber": 2, "eventType": "PRUNE", "userId": "bob", "data": { "stepId": "SRE", "isPruned": true } }]""");

        stage.Until(() => stage.Page.Tags("p").Any(p => p.Text() == "bob: PRUNE"));
        Assert.Contains(stage.Page.Tags("p"), p => p.Text() == "Pruned: SRE");
        Assert.Equal(2, stage.Page.Find("event-list")!.Children.Length);

        static void RunPage(RenderTreeBuilder builder)
        {
            builder.OpenComponent<RunPage>(0);
            builder.AddComponentParameter(1, nameof(Docs.RunPage.RunId), Stage.RunId);
            builder.CloseComponent();
        }
    });

    [GeneratedRegex(@"```razor\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fenced();
}
