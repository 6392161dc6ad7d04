using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collab.IntegrationTests.Cluster;
using Collab.IntegrationTests.Outbox;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>A run that has ended, as clients see it: it says so everywhere, takes nothing more, and its answers may be kept.</summary>
[Collection(SharedPostgres.Name)]
public sealed class EndedRunServerTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task It_says_so_in_every_answer_and_refuses_what_is_published(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, new KeyValuePair<string, string?>("Collab:Events:TYPING", "Ephemeral"));
        await using var follower = await server.ConnectAsync("bob");
        using var api = server.Api();
        var run = Guid.NewGuid();
        await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" });
        Assert.False((await follower.JoinAsync(run)).Ended);
        // As long as it goes on, nothing in any answer says a word of it.
        foreach (var path in Paths(run)) Assert.DoesNotContain("ended", (await api.GetAsync(path)).Body, StringComparison.Ordinal);
        var id = Guid.NewGuid();

        var end = await api.PublishAsync(run, EventTypes.RunEnd, new { outcome = "done" }, id);

        Assert.Equal((HttpStatusCode.Created, 2L), (end.Status, end.Value.SequenceNumber!.Value));
        Assert.Equal((HttpStatusCode.OK, true), await AgainAsync(api, run, id));
        await follower.WaitForSequenceAsync(run, 2);
        RawHttp.AssertRefused(CollabErrorCode.RunEnded, await api.PublishAsync(run, EventTypes.Flag, new { stepId = "A" }));
        RawHttp.AssertRefused(CollabErrorCode.RunEnded, await api.PublishAsync(run, "TYPING", new { }));
        Assert.Equal(CollabErrorCode.RunEnded, await HubClient.RefusalOf(follower.GraftAsync(run)));
        Assert.Equal(CollabErrorCode.RunEnded, await HubClient.RefusalOf(follower.PublishAsync(run, EventTypes.RunEnd, new { outcome = "x" })));
        await follower.MoveCursorAsync(run, "PM");
        foreach (var path in Paths(run)) Assert.True((await api.GetAsync(path)).Json.GetProperty("ended").GetBoolean(), path);
        Assert.True((await follower.JoinAsync(run, 2)).Ended);
        Assert.DoesNotContain("ended", (await api.GetAsync($"api/runs/{run}/collaboration/state?asOfSequence=1")).Body, StringComparison.Ordinal);
        var listed = Assert.Single((await api.GetAsync<RunPage>("api/runs?ended=true")).Value.Runs);
        Assert.Equal((run, true, "done"), (listed.RunId, listed.Ended, listed.LastEvent!.Data.GetProperty("outcome").GetString()));
        Assert.Empty((await api.GetAsync<RunPage>("api/runs?ended=false")).Value.Runs);
        // A poll has nothing to wait for.
        Assert.Equal(2, (await api.PollAsync(run, 2, waitSeconds: 30).WaitAsync(TimeSpan.FromSeconds(20))).Value.LastSequence);
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        Assert.True(JsonElement.Parse(stream.Current.Data).GetProperty("ended").GetBoolean());
    }

    [Fact]
    public async Task A_batch_that_ends_the_run_in_its_middle_is_refused_by_the_place_of_what_comes_behind()
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Sqlite, postgres);
        using var api = server.Api();
        var run = Guid.NewGuid();
        object[] events =
        [
            new { eventType = "GRAFT", data = new { after = "PM", agentName = "a" } }, new { eventType = "RUN_END", data = new { } },
            new { eventType = "FLAG", data = new { stepId = "A" } },
        ];

        var atomic = await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events, atomic = true });
        RawHttp.AssertRefused(CollabErrorCode.RunEnded, atomic);
        Assert.StartsWith("events[2]:", atomic.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await api.PollAsync(run)).Value.LastSequence);

        var inOrder = await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events/batch", new { events, atomic = false });
        Assert.Equal([1L, 2L], inOrder.Json.EnumerateArray().Take(2).Select(r => r.GetProperty("ack").GetProperty("sequenceNumber").GetInt64()));
        Assert.Equal("run_ended", inOrder.Json[2].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Its_answers_have_a_tag_and_need_not_be_sent_twice_until_it_is_erased()
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Sqlite, postgres);
        using var api = server.Api();
        var run = Guid.NewGuid();
        await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" });
        using var http = new HttpClient { BaseAddress = server.Process.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Create("alice", admin: true));
        var past = $"api/runs/{run}/collaboration/state?asOfSequence=1";
        string[] paths = [.. Paths(run), past];
        foreach (var path in paths.Where(path => path != past))
        {
            using var open = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((null, true), (open.Headers.ETag, open.Headers.CacheControl!.NoStore));
        }
        // What was is over already.
        using (var before = await http.GetAsync(new Uri(past, UriKind.Relative))) Assert.NotNull(before.Headers.ETag);
        await api.PublishAsync(run, EventTypes.RunEnd, new { });

        var tags = new List<EntityTagHeaderValue>();
        foreach (var path in paths)
        {
            using var first = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, "no-cache, private"), (first.StatusCode, first.Headers.CacheControl!.ToString()));
            tags.Add(Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag));
            using var again = await AskAsync(http, path, tags[^1].ToString());
            Assert.Equal((HttpStatusCode.NotModified, 0), (again.StatusCode, (await again.Content.ReadAsByteArrayAsync()).Length));
            Assert.Equal(tags[^1], again.Headers.ETag);
            using var listed = await AskAsync(http, path, $"\"other\", W/{tags[^1]}");
            Assert.Equal(HttpStatusCode.NotModified, listed.StatusCode);
            using var other = await AskAsync(http, path, "\"other\"");
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }
        // Another user who is there is another answer to a poll, and no other answer to a replay.
        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.JoinAsync(run);
            using var poll = await AskAsync(http, paths[0], tags[0].ToString());
            Assert.Equal(HttpStatusCode.OK, poll.StatusCode);
            using var replay = await AskAsync(http, paths[1], tags[1].ToString());
            Assert.Equal(HttpStatusCode.NotModified, replay.StatusCode);
        }
        // A tag is no right.
        http.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Create("mallory", [$"{Guid.NewGuid()}:read"]));
        using var refused = await AskAsync(http, paths[1], tags[1].ToString());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Create("alice", admin: true));

        Assert.Equal(HttpStatusCode.NoContent, (await api.EraseAsync(run)).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "b" })).Status);
        foreach (var (path, tag) in paths.Zip(tags))
        {
            using var begun = await AskAsync(http, path, tag.ToString());
            Assert.Equal((HttpStatusCode.OK, path == past), (begun.StatusCode, begun.Headers.ETag is not null));
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_row_of_the_outbox_that_comes_too_late_is_set_aside_and_stops_no_other(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres);
        await using var db = await server.OpenStoreAsync();
        using var api = server.Api();
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var transaction = await db.BeginTransactionAsync())
        {
            await db.InsertAsync(run, transaction: transaction);
            await db.InsertAsync(run, data: """{"outcome":"done"}""", type: "RUN_END", transaction: transaction);
            await db.InsertAsync(run, transaction: transaction);
            await db.InsertAsync(other, transaction: transaction);
            await transaction.CommitAsync();
        }

        Assert.Equal(1, (await api.PollAsync(other, waitSeconds: 30)).Value.LastSequence);
        var ended = (await api.PollAsync(run, waitSeconds: 30)).Value;
        Assert.Equal((2L, true), (ended.LastSequence, ended.Ended));
        await Eventually.TrueAsync(async () => (await api.GetAsync<OutboxStatus>("api/admin/outbox")).Value.FailedCount == 1);
        var failed = Assert.Single((await api.GetAsync<OutboxStatus>("api/admin/outbox")).Value.Failed);
        Assert.Equal(run, failed.RunId);
        Assert.Contains("has ended", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_server_knows_it_as_soon_as_the_last_event_is_there()
    {
        await using var servers = await ServerPair.StartAsync(postgres, redis: null);
        await using var there = await servers.Two.ConnectAsync("bob");
        using var here = servers.One.Api();
        var run = Guid.NewGuid();
        await here.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = "a" });
        await there.JoinAsync(run);

        await here.PublishAsync(run, EventTypes.RunEnd, new { });

        Assert.Equal(CollabErrorCode.RunEnded, await HubClient.RefusalOf(there.GraftAsync(run)));
        await there.WaitForSequenceAsync(run, 2);
        Assert.True((await there.JoinAsync(run, 2)).Ended);
    }

    private static string[] Paths(Guid run) =>
    [
        $"api/runs/{run}/collaboration/poll?afterSequence=0", $"api/runs/{run}/collaboration/replay?limit=1", $"api/runs/{run}/collaboration/state",
    ];

    private static async Task<(HttpStatusCode, bool)> AgainAsync(ApiClient api, Guid run, Guid id)
    {
        var again = await api.PublishAsync(run, EventTypes.RunEnd, new { outcome = "done" }, id);
        return (again.Status, again.Value.Duplicate);
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient http, string path, string ifNoneMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return http.SendAsync(request);
    }
}
