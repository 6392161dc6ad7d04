using System.Net;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Outbox;

/// <summary>What an application commits to the outbox by plain SQL is published; what cannot be is set aside, for administrators.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OutboxTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_commits_reaches_followers_live_and_what_is_rolled_back_never_does(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        await using var follower = await server.ConnectAsync("follower");
        await using var db = await server.OpenStoreAsync();
        var (run, message) = (Guid.NewGuid(), Guid.NewGuid());
        await follower.JoinAsync(run);

        await using (var undone = await db.BeginTransactionAsync())
        {
            await db.InsertAsync(run, Guid.NewGuid(), undone);
            await undone.RollbackAsync();
        }
        await db.InsertAsync(run);
        await db.InsertAsync(run, message);

        var events = await follower.WaitForSequenceAsync(run, 2);
        var (first, second) = (events.Single(e => e.SequenceNumber == 1), events.Single(e => e.SequenceNumber == 2));
        Assert.Equal(("GRAFT", "outbox", "a"), (first.EventType, first.UserId, first.Data.GetProperty("agentName").GetString()));
        Assert.Equal((message, "app", "The app"), (second.MessageId, second.UserId, second.UserName));
        Assert.Equal(2, (await server.ReadAsync(run)).Count);
        Assert.Equal(0L, await db.ExecuteAsync("SELECT count(*) FROM collaboration_outbox"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_message_that_is_in_the_log_already_counts_as_published(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        await using var db = await server.OpenStoreAsync();
        using var api = server.Api();
        var (run, known, twice, last) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" }, known);

        await using (var transaction = await db.BeginTransactionAsync())
        {
            foreach (var id in (Guid[])[known, twice, twice, last]) await db.InsertAsync(run, id, transaction);
            await transaction.CommitAsync();
        }

        var polled = await api.PollAsync(run, afterSequence: 2, waitSeconds: 30);
        Assert.Equal(3, polled.Value.LastSequence);
        Assert.Equal([known, twice, last], (await server.ReadAsync(run)).Select(e => e.MessageId));
        await Eventually.TrueAsync(async () => (long)(await db.ExecuteAsync("SELECT count(*) FROM collaboration_outbox"))! == 0);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_cannot_be_published_is_set_aside_with_the_reason_and_stops_nothing(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, new KeyValuePair<string, string?>("Collab:Events:TYPING", "Ephemeral"));
        await using var db = await server.OpenStoreAsync();
        using var api = server.Api();
        var run = Guid.NewGuid();

        await db.InsertAsync(run, type: "NO_SUCH");
        await db.InsertAsync(run, type: "TYPING");
        await db.InsertAsync(run, data: """{"after":"PM"}""");
        await db.InsertAsync(run, data: "[1]");
        await db.InsertAsync(run, data: $$"""{"after":"PM","agentName":"{{new string('x', 20_000)}}"}""");
        await db.InsertAsync(run, data: $$"""{"after":"PM","agentName":"{{new string('x', 200_000)}}"}""");
        await db.InsertAsync(run, data: $$"""{"after":"PM","agentName":"a","deep":{{new string('[', 100)}}{{new string(']', 100)}}}""");
        await db.InsertAsync(run);

        Assert.Equal(1, (await api.PollAsync(run, waitSeconds: 30)).Value.LastSequence);
        await Eventually.TrueAsync(async () => (await StatusAsync(api)).FailedCount == 7);
        var status = await StatusAsync(api);
        Assert.Equal((0, null), (status.Depth, status.OldestAgeMs));
        Assert.All(status.Failed, f => Assert.Equal((run, "outbox"), (f.RunId, f.UserId)));
        string[] reasons = ["Unknown event type", "ephemeral", "agentName must", "must be an object", "bytes", "too large", "nested"];
        Assert.All(reasons.Zip(status.Failed), pair => Assert.Contains(pair.First, pair.Second.Error, StringComparison.Ordinal));
        Assert.Equal(status.Failed.Skip(1).Take(2).Select(f => f.Id), (await StatusAsync(api, "?limit=2&offset=1")).Failed.Select(f => f.Id));

        await db.ExecuteAsync("UPDATE collaboration_outbox SET event_type = 'GRAFT' WHERE id = @p0", null, status.Failed[0].Id);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(api, status.Failed[0].Id, "retry")).Status);
        Assert.Equal(2, (await api.PollAsync(run, afterSequence: 1, waitSeconds: 30)).Value.LastSequence);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(api, status.Failed[1].Id, "drop")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(api, status.Failed[1].Id, "drop")).Status);
        Assert.Equal(5, (await StatusAsync(api)).FailedCount);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("metrics")).Body.Contains("collab_outbox_set_aside{} 5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ids_that_are_none_are_set_aside_too()
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Sqlite, postgres);
        await using var db = await server.OpenStoreAsync();
        using var api = server.Api();
        var run = Guid.NewGuid();

        await db.ExecuteAsync("INSERT INTO collaboration_outbox (run_id, event_type) VALUES ('mine', 'GRAFT')");
        await db.ExecuteAsync("INSERT INTO collaboration_outbox (run_id, message_id, event_type) VALUES (@p0, 'first', 'GRAFT')", null, run);
        await db.InsertAsync(run);

        Assert.Equal(1, (await api.PollAsync(run, waitSeconds: 30)).Value.LastSequence);
        Assert.Equal(["run_id is not a UUID: mine", "message_id is not a UUID: first"], (await StatusAsync(api)).Failed.Select(f => f.Error));
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=x", "limit")]
    [InlineData("?offset=-1", "offset")]
    public async Task A_refusal_names_the_parameter_and_the_API_is_for_administrators(string query, string parameter)
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Sqlite, postgres);
        using var api = server.Api();
        using var user = new ApiClient(server.Process.BaseAddress, TestTokens.Create("alice"));

        var refused = await api.GetAsync($"api/admin/outbox{query}");
        var badId = await api.SendAsync(HttpMethod.Post, "api/admin/outbox/one/retry");
        var other = await user.GetAsync("api/admin/outbox");

        Assert.Equal((HttpStatusCode.BadRequest, CollabErrorCode.InvalidEvent), (refused.Status, refused.Code));
        Assert.Contains(parameter, refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, CollabErrorCode.InvalidEvent), (badId.Status, badId.Code));
        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
    }

    [Fact]
    public async Task A_run_whose_row_is_held_stops_no_other_and_comes_in_order_when_it_is_free()
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Postgres, postgres);
        await using var db = await server.OpenStoreAsync();
        await using var holder = await server.OpenStoreAsync();
        using var api = server.Api();
        var (held, other) = (Guid.NewGuid(), Guid.NewGuid());
        await api.PublishAsync(held, EventTypes.Graft, new { after = "PM", agentName = "a" });
        Guid[] messages = [.. Enumerable.Range(0, 300).Select(_ => Guid.NewGuid())];

        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await holder.ExecuteAsync("SELECT 1 FROM collaboration_runs WHERE id = @p0 FOR UPDATE", transaction, held);
            foreach (var message in messages) await db.InsertAsync(held, message);
            await db.InsertAsync(other);

            Assert.Equal(1, (await api.PollAsync(other, waitSeconds: 30)).Value.LastSequence);
            Assert.Equal(300, (await StatusAsync(api)).Depth);
        }

        await Eventually.TrueAsync(async () => (await StatusAsync(api)).Depth == 0);
        Assert.Equal(messages, (await server.ReadAsync(held)).Skip(1).Select(e => e.MessageId));
    }

    private static async Task<OutboxStatus> StatusAsync(ApiClient api, string query = "") => (await api.GetAsync<OutboxStatus>($"api/admin/outbox{query}")).Value;

    private static Task<ApiResponse> PostAsync(ApiClient api, long id, string what) => api.SendAsync(HttpMethod.Post, string.Create(null, $"api/admin/outbox/{id}/{what}"));
}
