using System.Text.Json;
using Collab.Blazor;
using Collab.BlazorTests.Kit;
using Collab.Protocol;
using Xunit;
using IElement = AngleSharp.Dom.IElement;

namespace Collab.BlazorTests;

/// <summary>Which events are listed, in which words.</summary>
public sealed class RunEventsTests
{
    [Fact]
    public void Its_name_for_screen_readers_is_the_applications_if_it_has_one() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.EventsCalled("The last events"));
        Assert.Equal("The last events", Region(stage).Get("aria-label"));
        stage.ShowInRun(Scenes.EventsCalled(null));
        Assert.Equal("Events, newest first", Region(stage).Get("aria-label"));
    });

    [Fact]
    public void The_newest_event_is_at_the_top_or_at_the_bottom() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        stage.Join("""{ "events": ["1-3"] }""");
        stage.Receive("[4]");
        Assert.Equal(["4", "3", "2", "1"], Numbers(stage));
        Assert.Equal("Events, newest first", Region(stage).Get("aria-label"));
        Assert.Equal("0", Region(stage).Get("tabindex"));

        stage.ShowInRun(Scenes.Events(newestFirst: false));
        Assert.Equal(["1", "2", "3", "4"], Numbers(stage));
        Assert.Equal("Events, oldest first", Region(stage).Get("aria-label"));
    });

    [Fact]
    public void No_more_than_so_many_are_listed_and_the_list_says_so() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events(max: 3));
        stage.Join("""{ "events": ["1-3"] }""");
        Assert.Empty(stage.Page.OfClass("older"));

        stage.Receive("""["4-50"]""");

        Assert.Equal(["50", "49", "48"], Numbers(stage));
        Assert.Equal("What is older than #48 is not listed.", stage.Page.OfClass("older").Single().Text());
    });

    [Fact]
    public void An_empty_run_is_told_from_one_that_is_not_here_yet() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        Assert.Equal("The events are not here yet.", stage.Page.OfClass("empty").Single().Text());

        stage.Join();
        Assert.StartsWith("Nothing has happened yet.", stage.Page.OfClass("empty").Single().Text(), StringComparison.Ordinal);
    });

    [Fact]
    public void A_template_shows_the_events_in_its_own_way() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Numbers);
        stage.Join("""{ "events": ["1-2"] }""");

        Assert.Equal(["2", "1"], stage.Page.Tags("i").Select(number => number.Text()));
        Assert.Empty(stage.Page.OfClass("item"));
    });

    [Fact]
    public void Times_are_told_as_ages_which_go_on_and_in_full() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        var now = stage.Time.GetUtcNow();
        Assert.Equal("2025-10-09T08:53:20.0000000+00:00", now.ToString("o"));
        stage.Join();
        stage.Receive($$"""[{ "sequenceNumber": 1, "eventType": "FLAG", "userId": "bob", "timestamp": {{now.ToUnixTimeMilliseconds()}}, "data": { "stepId": "PM" } }]""");
        Assert.Equal("just now", Time(stage).Text());

        stage.Advance(90_000);
        Assert.Equal("1 minute ago", Time(stage).Text());
        Assert.Equal("2025-10-09T08:53:20.000Z", Time(stage).Get("datetime"));
        Assert.Equal("9 Oct 2025, 08:53:20 UTC", Time(stage).Get("title"));

        stage.ShowInRun(Scenes.EventsInBerlin);
        Assert.Equal("9 Oct 2025, 09:53:20 +01:00", Time(stage).Get("title"));
    });

    [Fact]
    public void A_cursor_move_does_not_render_the_list_again() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        stage.Join();
        var old = stage.Time.GetUtcNow().AddSeconds(-58).ToUnixTimeMilliseconds();
        stage.Receive($$"""[{ "sequenceNumber": 1, "eventType": "FLAG", "userId": "bob", "timestamp": {{old}}, "data": { "stepId": "PM" } }]""");
        stage.Advance(3000);

        // The age, a minute by now, would show that it was rendered.
        stage.Receive("""[{ "eventType": "CURSOR_MOVE", "userId": "bob", "data": { "nodeId": "PM" } }]""");
        Assert.Equal("PM", stage.Run.Snapshot.CursorPositions["bob"]);
        Assert.Equal("just now", Time(stage).Text());

        stage.Receive("""[{ "sequenceNumber": 2, "eventType": "FLAG", "userId": "bob", "timestamp": 0, "data": { "stepId": "PM" } }]""");
        Assert.Equal("1 minute ago", stage.Page.Tags("time").Last().Text());
    });

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 minute ago")]
    [InlineData(3599, "59 minutes ago")]
    [InlineData(7200, "2 hours ago")]
    [InlineData(86_400, "1 day ago")]
    [InlineData(8_640_000, "100 days ago")]
    public void Ages_are_told_in_whole_units(int seconds, string age)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        Assert.Equal(age, Clock.Ago(now.AddSeconds(-seconds), now));
    }

    [Theory]
    [InlineData("GRAFT", """{ "agentName": "scanner", "after": "PM" }""", "bob grafted scanner after PM")]
    [InlineData("PRUNE", """{ "stepId": "SRE", "isPruned": true }""", "bob pruned SRE")]
    [InlineData("PRUNE", """{ "stepId": "SRE", "isPruned": false }""", "bob restored SRE")]
    [InlineData("FLAG", """{ "stepId": "SRE" }""", "bob flagged SRE")]
    [InlineData("FLAG", """{ "stepId": "SRE", "note": "look" }""", "bob flagged SRE: “look”")]
    [InlineData("FLAG", """{ "stepId": 5, "note": { } }""", "bob flagged ?")]
    [InlineData("USER_JOIN", "{}", "bob joined")]
    [InlineData("USER_LEAVE", "{}", "bob left")]
    [InlineData("RUN_END", "{}", "bob ended the run")]
    [InlineData("RUN_END", """{ "outcome": "done" }""", "bob ended the run: “done”")]
    [InlineData("COMMENT", "[]", "bob sent COMMENT")]
    public void Each_event_is_a_sentence(string type, string data, string sentence)
    {
        var e = new CollaborationEvent(Stage.RunId, 1, type, "bob", 0, JsonElement.Parse(data), true, Guid.Empty);
        Assert.Equal(sentence, string.Concat(Sentence.Of(e, e.UserId).Select(words => words.Text)));
    }

    [Fact]
    public void What_people_write_is_never_markup() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        stage.Join();
        stage.Receive("""
            [{ "sequenceNumber": 1, "eventType": "FLAG", "userId": "<b>x</b>", "timestamp": 0, "data": { "stepId": "<img src=x onerror=alert(1)>", "note": "</p><script>alert(2)</script>" } }]
            """);

        var item = stage.Page.OfClass("item").Single();
        Assert.Equal("<b>x</b> flagged <img src=x onerror=alert(1)>: “</p><script>alert(2)</script>”", item.Tags("p").First().Text());
        Assert.Equal(["<b>x</b>", "<img src=x onerror=alert(1)>", "</p><script>alert(2)</script>"], item.Tags("bdi").Select(name => name.Text()));
        Assert.Empty(stage.Page.Tags("script").Concat(stage.Page.Tags("img")).Concat(stage.Page.Tags("b")));
    });

    [Fact]
    public void A_run_that_began_anew_shows_its_new_events() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Events());
        stage.Join("""{ "events": ["1-2"], "epoch": "e1" }""");
        stage.Drop();
        stage.Advance(1000);
        stage.Answer("open", null);
        stage.AnswerRun("JoinRun", """{ "epoch": "e2", "lastSequence": 2 }""");
        Assert.Empty(Numbers(stage));
        stage.AnswerRun("JoinRun", """{ "epoch": "e2", "events": [1, { "sequenceNumber": 2, "eventType": "FLAG", "userId": "zed", "data": { "stepId": "PM" } }] }""");

        Assert.Equal(["2", "1"], Numbers(stage));
        Assert.Equal("zed flagged PM", stage.Page.OfClass("item")[0].Tags("p").First().Text());
    });

    private static IElement Region(Stage stage) => stage.Page.OfClass("events").Single();

    private static IElement Time(Stage stage) => stage.Page.Tags("time").Single();

    private static List<string?> Numbers(Stage stage) => [.. stage.Page.Find("event-list")?.Children.Select(item => item.Get("data-sequence")) ?? []];
}
