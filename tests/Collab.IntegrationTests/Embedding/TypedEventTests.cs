using System.ComponentModel.DataAnnotations;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>Events whose data is of a type of the application's, by hub and HTTP.</summary>
public sealed class TypedEventTests
{
    [Fact]
    public async Task Data_that_is_not_of_its_type_is_refused_with_the_place_and_what_is_comes_back_as_an_object()
    {
        await using var application = await EmbeddedApplication.StartAsync(collab => collab.AddEvent<StepFinished>("STEP_FINISHED").AddEphemeralEvent<Typing>("TYPING"));
        await using var alice = await application.ConnectAsync("alice");
        using var api = application.Api("alice");
        var run = Guid.NewGuid();
        await alice.JoinAsync(run);

        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(alice.PublishAsync(run, "STEP_FINISHED", new { stepId = "A", duration = "long" })));
        var answer = await api.PublishAsync(run, "STEP_FINISHED", new { stepId = "A", duration = "long" });
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, answer);
        Assert.Contains("$.duration", answer.Body, StringComparison.Ordinal);
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await api.PublishAsync(run, "TYPING", new { keys = -1 }));

        await alice.PublishAsync(run, "STEP_FINISHED", new { stepId = "A", duration = 7, more = "kept" });
        await alice.PublishAsync(run, "TYPING", new { keys = 3 });
        await alice.WaitForAsync(events => events.Any(e => e.EventType == "TYPING"));

        var finished = Assert.Single(alice.Events.All, e => e.EventType == "STEP_FINISHED");
        Assert.Equal(new StepFinished("A", 7), finished.As<StepFinished>());
        Assert.Equal("kept", finished.Data.GetProperty("more").GetString());
        Assert.Equal(new Typing(3), alice.Events.All.Single(e => e.EventType == "TYPING").As<Typing>());
        await alice.GraftAsync(run, "A", "scanner");
        await alice.WaitForSequenceAsync(run, 2);
        Assert.Equal(new Graft("A", "scanner"), alice.Events.All.Single(e => e.EventType == EventTypes.Graft).As(CollabJson.Default.Graft));
    }

    internal sealed record StepFinished(string StepId, int Duration);

    internal sealed record Typing([Range(0, 100)] int Keys);
}
