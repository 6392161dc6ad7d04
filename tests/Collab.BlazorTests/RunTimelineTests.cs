using Collab.BlazorTests.Kit;
using Xunit;
using IElement = AngleSharp.Dom.IElement;

namespace Collab.BlazorTests;

/// <summary>What the timeline tells, of which events, and what one can do about what was sent.</summary>
public sealed class RunTimelineTests
{
    private const string Mixed =
        """
        { "activeUsers": ["alice", "bob"], "events": [
          { "sequenceNumber": 1, "eventType": "GRAFT", "userId": "bob", "timestamp": 60000, "data": { "after": "PM", "agentName": "scanner" } },
          { "sequenceNumber": 2, "eventType": "FLAG", "userId": "zoe", "timestamp": 119999, "data": { "stepId": "SRE", "note": "look" } },
          { "sequenceNumber": 3, "eventType": "PRUNE", "userId": "bob", "timestamp": 120000, "data": { "stepId": "SRE", "isPruned": true } }] }
        """;

    [Fact]
    public void Events_are_sentences_by_the_minute_newest_first() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Timeline());
        Assert.Equal("The events are not here yet.", stage.Page.OfClass("empty").Single().Text());
        stage.Join(Mixed);

        Assert.Equal(["3", "2", "1"], Rows(stage));
        Assert.Equal(["1 Jan, 00:02", "1 Jan, 00:01"], stage.Page.Tags("h3").Select(title => title.Text()));
        Assert.Equal(
            ["bob pruned SRE", "zoe flagged SRE: “look”", "bob grafted scanner after PM"],
            List(stage).OfClass("what").Select(row => row.Tags("p").First().Text()));
        Assert.Equal("#1 · 00:01:00", List(stage).OfClass("meta").Last().Text());
        Assert.Equal("Timeline 33 events", stage.Page.Tags("h2").Single().Text());
        Assert.Equal("Events, newest first", stage.Page.OfClass("scroll").Single().Get("aria-label"));
    });

    [Fact]
    public void It_narrows_down_to_a_kind_and_a_person_and_back() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Timeline());
        stage.Join(Mixed);

        stage.Press("Prunes");
        Assert.Equal(["3"], Rows(stage));
        Assert.Equal(["false", "true", "false"], stage.Page.OfClass("chip").Select(chip => chip.Get("aria-pressed")));
        stage.Press("Prunes");
        Assert.Equal(["Everybody", "bob", "zoe"], stage.Page.Tags("option").Select(option => option.Text()));
        stage.Choose("select", "zoe");
        Assert.Equal(["2"], Rows(stage));

        stage.Press("Grafts");
        Assert.StartsWith("No event matches this filter.", stage.Page.OfClass("empty").Single().Text(), StringComparison.Ordinal);
        stage.Press("Show all");
        Assert.Equal(["3", "2", "1"], Rows(stage));
    });

    [Fact]
    public void It_lists_so_many_and_more_on_demand_and_says_where_the_kept_ones_begin() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Timeline(pageSize: 2));
        stage.Join("""{ "events": ["11-15"], "oldestSequence": 11, "truncated": true }""");
        Assert.Equal(["15", "14"], Rows(stage));
        Assert.Empty(stage.Page.OfClass("truncated"));

        stage.Press("Show older events");
        stage.Press("Show older events");
        Assert.Equal(["15", "14", "13", "12", "11"], Rows(stage));
        Assert.Equal("What is older than #11 is folded into the state.", stage.Page.OfClass("truncated").Single().Text());
    });

    [Fact]
    public void What_is_sent_shows_at_once_and_what_is_refused_can_be_sent_again_or_discarded() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Timeline());
        stage.Join();
        _ = stage.Run.FlagAsync("PM", "why?");
        stage.Settle();
        Assert.Equal("alice flagged PM: “why?” Sending…", Pending(stage).Single().OfClass("what").Single().Text());

        stage.Refuse("Publish", "[forbidden] You may not change this run.");
        Assert.Equal("Refused: you have no right to change this run", Pending(stage).Single().OfClass("status").Single().Text());
        stage.Press("Retry");
        Assert.Equal("sending", Pending(stage).Single().Get("data-status"));
        stage.Refuse("Publish", "[forbidden] You may not change this run.");
        stage.Press("Discard");
        Assert.Empty(Pending(stage));

        stage.Drop();
        _ = stage.Run.FlagAsync("PM");
        stage.Settle();
        Assert.Equal("Queued: goes out when the connection is back", Pending(stage).Single().OfClass("status").Single().Text());
    });

    [Fact]
    public void Bound_to_a_moment_it_leads_there_and_fades_what_came_later() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Travel());
        stage.Join("""{ "events": ["1-3"] }""");
        Assert.Equal(3, stage.Page.OfClass("go").Length);

        stage.Press("Go back", at: 1);
        Assert.Equal("3", stage.Page.OfClass("future").Single().Get("data-sequence"));
        Assert.Equal("2", stage.Page.OfClass("current").Single().Get("data-sequence"));
        stage.Answer("state", Collab.ClientTests.Conformance.Shorthand.UsualState(2));

        stage.ShowInRun(Scenes.Timeline());
        Assert.Empty(stage.Page.OfClass("go"));
    });

    private static IElement List(Stage stage) => stage.Page.Find("event-list")!;

    private static List<string?> Rows(Stage stage) => [.. List(stage).Tags("li").Select(row => row.Get("data-sequence"))];

    private static IElement[] Pending(Stage stage) => stage.Page.Find("pending-list")!.Tags("li");
}
