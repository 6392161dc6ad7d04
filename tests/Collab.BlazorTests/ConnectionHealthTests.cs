using System.Text.Json.Nodes;
using Collab.Blazor;
using Collab.BlazorTests.Kit;
using Collab.Client;
using Collab.Protocol;
using Xunit;

namespace Collab.BlazorTests;

/// <summary>What the component says of a connection, in which state.</summary>
public sealed class ConnectionHealthTests
{
    [Fact]
    public void It_says_how_the_connection_is() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        Says(stage, "Connecting", "waiting", "None");

        stage.Join();
        Says(stage, "Connected", "good", "WebSocket");

        stage.Drop();
        Says(stage, "Disconnected", "bad", "None");

        _ = stage.Run.CloseAsync();
        stage.Settle();
        Says(stage, "Disconnected", "bad", "None");
    });

    [Fact]
    public void Of_a_run_that_has_ended_it_says_so_and_not_that_something_is_wrong() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        stage.Join();
        Assert.Null(stage.Page.Find("run-ended"));

        stage.Receive("""[{ "sequenceNumber": 1, "eventType": "RUN_END", "data": { "outcome": "done" } }]""");
        Says(stage, "Run ended", "good", "WebSocket");
        Assert.StartsWith("The run has ended.", stage.Page.Find("run-ended")?.Text(), StringComparison.Ordinal);

        stage.Drop();
        Says(stage, "Run ended", "good", "None");
    });

    [Fact]
    public void While_it_polls_it_says_so_and_warns_with_the_interval_that_was_chosen() => Stage.Play(
        stage =>
        {
            stage.ShowInRun(Scenes.Health);
            stage.Fail("open");
            stage.AnswerRun("poll", "{}");
            Says(stage, "HTTP Polling", "poor", "HTTP polling");
            Assert.Equal("Live connection blocked. Updates every 2.5 s.", stage.Page.Find("fallback-warning")?.Text());
            Assert.Equal("status", stage.Page.Find("fallback-warning")?.Get("role"));

            stage.Advance(2500);
            stage.Fail("poll");
            Says(stage, "Disconnected", "bad", "HTTP polling");
            Assert.Equal("The server does not answer. It is asked again every 2.5 s.", stage.Page.Find("fallback-warning")?.Text());

            stage.ShowInRun(Scenes.HealthWithoutWarning);
            Assert.Null(stage.Page.Find("fallback-warning"));
        },
        new CollabClientOptions { FallbackAfter = 1, PollInterval = TimeSpan.FromSeconds(2.5), Backoff = _ => TimeSpan.FromMinutes(1) });

    [Fact]
    public void What_became_of_the_connection_is_told_when_asked_for_and_goes_into_a_file() => Stage.Play(
        stage =>
        {
            stage.ShowInRun(Scenes.Health);
            stage.Fail("open");
            stage.AnswerRun("poll", "{}");
            Assert.Null(stage.Page.Find("flight"));
            stage.Toggle("details.flight");

            var steps = stage.Page.Find("flight")!.QuerySelectorAll("li").Select(one => one.QuerySelector("strong")!.TextContent);
            Assert.Equal(["Polls are answered again", "Polling over HTTP", "Attempt failed", "Connecting"], steps);
            Assert.Equal(stage.Run.Flight.TraceId, stage.Page.QuerySelector(".trace code")!.TextContent);
            var address = stage.Page.QuerySelector(".flight a")!.Get("href")!;
            var file = JsonNode.Parse(Convert.FromBase64String(address["data:application/json;base64,".Length..]))!;
            Assert.Equal(["connecting", "failed", "polling", "reachable"], file["entries"]!.AsArray().Select(e => (string)e!["step"]!));
        },
        new CollabClientOptions { FallbackAfter = 1, Backoff = _ => TimeSpan.FromMinutes(1) });

    [Fact]
    public void That_it_is_back_it_says_for_four_seconds_and_not_at_first() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        stage.Join();
        Assert.Equal("Connected", Word(stage));
        stage.Drop();
        Assert.Equal("Disconnected", Word(stage));
        stage.Advance(1000);
        stage.Join();
        Assert.Equal("Reconnected", Word(stage));

        stage.Advance(3999);
        Assert.Equal("Reconnected", Word(stage));
        stage.Advance(1);
        Assert.Equal("Connected", Word(stage));
    });

    [Fact]
    public void Lost_again_it_does_not_say_that_it_is_back() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        stage.Join();
        stage.Drop();
        stage.Advance(1000);
        stage.Join();
        stage.Drop();
        Assert.Equal("Disconnected", Word(stage));

        stage.Advance(100);
        Assert.Equal("Disconnected", Word(stage));
    });

    [Fact]
    public void It_shows_the_figures() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        stage.Join();
        Assert.Equal("No round trip measured yet", stage.Page.Tags("figcaption").Single().Text());

        var ping = stage.Server.Take(r => r.Name == "Ping")!;
        stage.Advance(24);
        ping.Resolve(new JsonObject { ["clientTimestamp"] = 0, ["serverTimestamp"] = 0, ["lastSequences"] = new JsonObject() });
        stage.Settle();
        _ = stage.Run.FlagAsync("PM");
        stage.Settle();

        Assert.Equal(
            ["Transport WebSocket", "Latency 24 ms", "Delivery rate 100%", "Reconnections 0", "Queued 1", "Quality 100 of 100"],
            stage.Page.Tags("dl").Single().Children.Select(row => $"{row.Tags("dt")[0].Text()} {row.Tags("dd")[0].Text()}"));
        Assert.Equal("1", stage.Page.Find("queued-count")?.Text());
        Assert.Equal("100", stage.Page.Tags("meter").Single().Get("value"));
        Assert.Equal("0,0 120,0", stage.Page.Tags("polyline").Single().Get("points"));
        Assert.Equal("Last round trip 24 ms", stage.Page.Tags("figcaption").Single().Text());
    });

    [Fact]
    public void The_pill_has_the_count_once_and_opens_the_rest_without_a_script() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Pill);
        stage.Join();
        var pill = stage.Page.Find("connection-health")!;

        Assert.Equal("details", pill.LocalName);
        Assert.Equal("Connected", pill.Tags("summary")[0].OfClass("word").Single().Text());
        Assert.Equal("0", pill.Find("queued-count")?.Text());
        Assert.Single(pill.OfClass("hidden"));
        Assert.Equal(6, pill.Tags("dt").Length);

        _ = stage.Run.FlagAsync("PM");
        stage.Settle();
        Assert.Equal("1", stage.Page.Find("queued-count")?.Text());
        Assert.Empty(stage.Page.OfClass("hidden"));
    });

    [Fact]
    public void A_state_is_told_to_those_who_do_not_see_it() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);

        Assert.Equal("status", stage.Page.OfClass("word").Single().Get("role"));
        Assert.Equal("true", stage.Page.OfClass("dot").Single().Get("aria-hidden"));
        Assert.Equal("Connection quality, 0 to 100", stage.Page.Tags("meter").Single().Get("aria-label"));
    });

    [Fact]
    public void The_pill_tells_its_state_from_beside_itself() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Pill);
        Assert.DoesNotContain(stage.Page.Find("connection-health")!.Tags("summary")[0].Tags("*"), one => one.Get("role") is not null);
        var said = stage.Page.OfClass("announcement").Single();
        Assert.Equal("status", said.Get("role"));
        Assert.Equal("Connecting", said.Text());

        stage.Join();
        Assert.Equal("Connected", stage.Page.OfClass("announcement").Single().Text());
    });

    [Theory]
    [InlineData(ConnectionStatus.Healthy, "good")]
    [InlineData(ConnectionStatus.Degraded, "poor")]
    [InlineData(ConnectionStatus.Unhealthy, "poor")]
    public void A_live_connection_is_as_good_as_its_score(ConnectionStatus status, string tone) =>
        Assert.Equal(tone, Wording.Tone(new ConnectionState.Live(), status));

    [Fact]
    public void The_sparkline_goes_from_left_to_right_on_a_scale_that_starts_at_0()
    {
        Assert.Equal("0,28 60,14 120,0", Sparkline.Points([0, 50, 100], 120, 28));
        Assert.Equal("0,0 120,0", Sparkline.Points([40], 120, 28));
        Assert.Equal("0,28 120,28", Sparkline.Points([0, 0], 120, 28));
    }

    [Fact]
    public void Outside_of_a_run_the_components_say_what_they_miss() => Stage.Play(stage =>
    {
        foreach (var (name, component) in new[] { ("ConnectionHealth", Scenes.Health), ("PresenceList", Scenes.People()), ("RunEvents", Scenes.Events()) })
        {
            stage.Show(Scenes.Guarded(component));

            Assert.Equal($"<{name}> shows the run of the <CollabConnection> that it is in, and it is in none.", stage.Page.Find("failed")?.Text());
            stage.Show(_ => { });
        }
    });

    private static string Word(Stage stage) => stage.Page.OfClass("word").Single().Text();

    private static void Says(Stage stage, string word, string tone, string transport)
    {
        var health = stage.Page.Find("connection-health")!;
        Assert.Equal(word, health.OfClass("word").Single().Text());
        Assert.Equal(tone, health.Get("data-tone"));
        Assert.Equal(transport, health.Tags("dd").First().Text());
    }
}
