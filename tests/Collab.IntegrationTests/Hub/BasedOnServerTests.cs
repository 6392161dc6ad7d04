using System.Net;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.IntegrationTests.InProcess;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Edits that are based on what somebody has seen, by each way in: refused where another has touched the same since, with what did.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BasedOnServerTests(PostgresFixture postgres)
{
    private const string Typing = "Collab:Events:TYPING";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Over_HTTP_one_of_two_edits_is_refused_with_the_other(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, new KeyValuePair<string, string?>(Typing, "Ephemeral"));
        using var api = server.Api();
        var run = Guid.NewGuid();
        await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" });

        var first = await PostAsync(api, run, new { eventType = "FLAG", data = new { stepId = "PM", note = "mine" }, basedOnSequence = 1 });
        Assert.Equal((HttpStatusCode.Created, 2), (first.Status, first.Json.GetProperty("sequenceNumber").GetInt32()));
        var second = await PostAsync(api, run, new { eventType = "PRUNE", data = new { stepId = "PM", isPruned = true }, basedOnSequence = 1 });

        RawHttp.AssertRefused(CollabErrorCode.Conflict, second);
        var clash = Assert.Single(second.Json.GetProperty("events").EnumerateArray());
        var kept = (await api.ReplayAsync(run, afterSequence: 1)).Json.GetProperty("events")[0];
        Assert.True(JsonElement.DeepEquals(kept, clash), $"{kept} {clash}");
        // Knowing that one it goes through, and nobody else's conflict has events.
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(api, run, new { eventType = "PRUNE", data = new { stepId = "PM", isPruned = true }, basedOnSequence = 2 })).Status);
        foreach (var value in (object?[])[-1, "x", 1.5, new { }])
            RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await PostAsync(api, run, new { eventType = "FLAG", data = new { stepId = "PM" }, basedOnSequence = value }));
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await PostAsync(api, run, new { eventType = "TYPING", data = new { }, basedOnSequence = 1 }));
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(api, run, new { eventType = "FLAG", data = new { stepId = "PM" }, basedOnSequence = (long?)null })).Status);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task In_a_batch_over_hub_and_HTTP_the_others_are_stored_or_none_is(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        await using var alice = await server.ConnectAsync("alice");
        using var api = server.Api();
        var run = Guid.NewGuid();
        await alice.GraftAsync(run, "PM");
        await alice.GraftAsync(run, "PM");
        object[] events = [Flag("SRE", 1), Flag("PM", 1), Flag("SRE", 1)];

        var byHub = await alice.InvokeAsync<JsonElement>("PublishBatch", run, events, false);
        Assert.Equal([3, 4], new[] { 0, 2 }.Select(i => byHub[i].GetProperty("ack").GetProperty("sequenceNumber").GetInt32()));
        var error = byHub[1].GetProperty("error");
        Assert.Equal(("conflict", 2), (error.GetProperty("code").GetString(), Assert.Single(error.GetProperty("events").EnumerateArray()).GetProperty("sequenceNumber").GetInt32()));
        var atomic = await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events = new[] { Flag("DEVELOPER", 4), Flag("PM", 1) }, atomic = true });
        RawHttp.AssertRefused(CollabErrorCode.Conflict, atomic);
        Assert.StartsWith("events[1]: Event 2 (GRAFT by alice)", atomic.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(atomic.Json.GetProperty("events").EnumerateArray()).GetProperty("sequenceNumber").GetInt32());
        Assert.Equal(4, (await api.PollAsync(run)).Value.LastSequence);
        foreach (var value in (object[])["1", 1.5, true, new { }])
        {
            var refused = await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events = new[] { new { eventType = "FLAG", data = new { stepId = "PM" }, basedOnSequence = value } } });
            RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, refused);
            Assert.Contains("events[0].basedOnSequence", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        static object Flag(string stepId, long basedOnSequence) => new { eventType = "FLAG", data = new { stepId }, basedOnSequence };
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_application_is_told_by_an_exception(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await run.PublishAsync(new Graft("PM", "a"));

        Assert.Equal(2, (await run.PublishAsync(new Flag("PM", "n"), new PublishOptions { BasedOnSequence = 1 })).SequenceNumber);
        var refusal = await Assert.ThrowsAnyAsync<CollabRefusedException>(async () => await run.PublishAsync(new Flag("PM", "n"), new PublishOptions { BasedOnSequence = 1 }));
        Assert.Equal((CollabErrorCode.Conflict, 2L), (refusal.Code, Assert.Single(refusal.ConflictingEvents).SequenceNumber!.Value));
        NewEvent[] two = [NewEvent.Create("FLAG", new { stepId = "SRE" }), NewEvent.Create("FLAG", new { stepId = "SRE" })];
        Assert.Equal([3L, 4], (await run.PublishAsync(two, new PublishOptions { BasedOnSequence = 2 })).Select(ack => ack.SequenceNumber!.Value));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await run.PublishAsync(new Flag("PM", "n"), new PublishOptions { BasedOnSequence = -1 }));
    }

    private static Task<ApiResponse> PostAsync(ApiClient api, Guid run, object body) =>
        api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events", body);
}
