using Collab.BlazorTests.Kit;
using Collab.ClientTests.Conformance;
using Collab.Protocol;
using Xunit;
using IElement = AngleSharp.Dom.IElement;

namespace Collab.BlazorTests;

/// <summary>Where the scrubber leads, and what it says of it.</summary>
public sealed class TimeScrubberTests
{
    [Fact]
    public void Without_events_there_is_nowhere_to_go() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Travel());
        Assert.Equal("Nothing seen yet", Where(stage));
        stage.Join();

        Assert.Equal("Live", Where(stage));
        Assert.NotNull(Slider(stage).Get("disabled"));
        stage.Receive("[1]");
        Assert.Null(Slider(stage).Get("disabled"));
        Assert.StartsWith("Live#1 · ", Where(stage), StringComparison.Ordinal);
        stage.Drop();
        Assert.StartsWith("As last seen", Where(stage), StringComparison.Ordinal);
    });

    [Fact]
    public void It_shows_the_past_that_it_is_dragged_to_counts_what_comes_and_leads_back() => Stage.Play(stage =>
    {
        var told = new List<RunState?>();
        stage.ShowInRun(Scenes.Travel(told.Add));
        stage.Join("""{ "events": ["1-10"] }""");
        Assert.DoesNotContain(stage.Page.Tags("button"), button => button.Text() == "Branch");

        stage.Slide("input", "4");
        stage.Answer("state", Shorthand.UsualState(4));
        stage.Until(() => told.Count == 1);
        Assert.Equal([4L], told.Select(state => state?.AsOfSequence));
        Assert.StartsWith("You are looking at the past #4 · ", stage.Page.Find("past-bar")!.Text(), StringComparison.Ordinal);
        Assert.Equal("You are looking at the past.", stage.Page.QuerySelector("[role=status]")!.Text());
        Assert.StartsWith("Number 4, ", Slider(stage).Get("aria-valuetext"), StringComparison.Ordinal);
        Assert.Single(stage.Page.Tags("button"), button => button.Text() == "Branch");

        stage.Receive("[11, 12]");
        Assert.Equal("2 newer events since", stage.Page.OfClass("missed").Single().Text());
        Assert.Equal(("4", "10"), (Slider(stage).Get("value"), Slider(stage).Get("max")));

        stage.Press("Back to live");
        stage.Until(() => told.Count == 2);
        Assert.Null(stage.Page.Find("past-bar"));
        Assert.Equal([4L, null], told.Select(state => state?.AsOfSequence));
        Assert.Equal("12", Slider(stage).Get("value"));
    });

    [Fact]
    public void Of_several_moments_only_the_last_one_is_told() => Stage.Play(stage =>
    {
        var told = new List<RunState?>();
        stage.ShowInRun(Scenes.Travel(told.Add));
        stage.Join("""{ "events": ["1-10"] }""");
        stage.Slide("input", "4");
        stage.Slide("input", "6");
        stage.Until(() => stage.Server.Waiting.Count(request => request.Name == "state") == 2);
        stage.Answer("state", Shorthand.UsualState(4));
        stage.Answer("state", Shorthand.UsualState(6));

        stage.Until(() => told.Count == 1);
        Assert.Equal([6L], told.Select(state => state?.AsOfSequence));
    });

    [Fact]
    public void Where_the_server_does_not_tell_it_stays_live_and_says_so() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Travel());
        stage.Join("""{ "events": ["1-10"] }""");
        stage.Slide("input", "4");
        stage.Fail("state");

        stage.Until(() => stage.Page.OfClass("problem").Length == 1);
        Assert.Null(stage.Page.Find("past-bar"));
        Assert.StartsWith("The past cannot be shown", stage.Page.OfClass("problem").Single().Text(), StringComparison.Ordinal);
        stage.Press("Dismiss");
        Assert.Empty(stage.Page.OfClass("problem"));
    });

    [Fact]
    public void It_plays_the_run_from_its_oldest_event_and_ends_live() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Travel());
        stage.Join("""{ "events": ["1-3"] }""");
        stage.Press("Play the run from its oldest event");
        var seen = new List<string?> { Slider(stage).Get("value") };
        for (var i = 0; i < 2; i++)
        {
            stage.Advance(250);
            seen.Add(Slider(stage).Get("value"));
        }
        Assert.Equal(["0", "1", "2"], seen);
        Assert.Single(stage.Page.Tags("button"), button => button.Get("aria-label") == "Pause");
        stage.Advance(250);

        Assert.Null(stage.Page.Find("past-bar"));
        stage.Advance(250);
        Assert.Single(stage.Page.Tags("button"), button => button.Get("aria-label") == "Play the run from its oldest event");
    });

    [Fact]
    public void Each_event_is_a_stroke_where_its_number_lies() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Travel());
        stage.Join("""
            { "events": [
              { "sequenceNumber": 1, "eventType": "GRAFT", "data": { "after": "PM", "agentName": "a" } },
              { "sequenceNumber": 2, "eventType": "FLAG", "data": { "stepId": "PM" } },
              { "sequenceNumber": 3, "eventType": "GRAFT", "data": { "after": "SRE", "agentName": "b" } },
              { "sequenceNumber": 4, "eventType": "COMMENT" }] }
            """);

        var strokes = stage.Page.OfClass("strokes").Single().Tags("path").Select(path => (path.ClassName, path.Get("d")));
        Assert.Equal([("graft", "M250 0v1M750 0v1"), ("flag", "M500 2v1"), ("other", "M1000 0v1")], strokes);
    });

    private static string Where(Stage stage) => stage.Page.OfClass("where").Single().Text();

    private static IElement Slider(Stage stage) => stage.Page.Find("scrubber")!;
}
