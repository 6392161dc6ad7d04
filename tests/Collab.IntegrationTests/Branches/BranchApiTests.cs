using System.Net;
using System.Text;
using Collab.AspNetCore;
using Collab.IntegrationTests.Handlers;
using Collab.IntegrationTests.InProcess;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Branches;

/// <summary><c>POST /api/runs</c>: who may make a copy of what, what is answered, and who hears of it.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BranchApiTests(PostgresFixture postgres)
{
    private static readonly KeyValuePair<string, string?> Unlimited = new("Collab:Limits:BranchPerMinute", "0");

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_copy_has_the_history_up_to_an_event_and_goes_on_by_itself(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, Unlimited);
        using var api = server.Api();
        var (from, copy) = (Guid.NewGuid(), Guid.NewGuid());
        await using var client = await server.ConnectAsync();
        await MixedEvents.PublishAsync(client, from, 1, 12);

        var made = await BranchAsync(api, new { from, atSequence = 9, runId = copy });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal((copy, new BranchOrigin(from, 9)), (made.Value.RunId, made.Value.BranchedFrom));
        var joined = await client.JoinAsync(copy);
        Assert.Equal((made.Value.Epoch, 9, 1), (joined.Epoch, (int)joined.LastSequence, (int)joined.OldestSequence));
        Assert.Equal(made.Value.BranchedFrom, joined.BranchedFrom);
        Log.IsNumberedWithoutGap(joined.Events);
        MixedEvents.AssertState(9, "alice", joined.State);
        await MixedEvents.PublishAsync(client, copy, 10, 11);
        await client.WaitForSequenceAsync(copy, 11);
        MixedEvents.AssertState(11, "alice", (await api.StateAsync(copy)).Value);
        MixedEvents.AssertState(9, "alice", (await api.StateAsync(copy, 9)).Value);
        MixedEvents.AssertState(12, "alice", (await api.StateAsync(from)).Value);

        var again = await BranchAsync(api, new { from, atSequence = 9, runId = copy });
        Assert.Equal((HttpStatusCode.OK, made.Value), (again.Status, again.Value));
        RawHttp.AssertRefused(CollabErrorCode.Conflict, await BranchAsync(api, new { from, atSequence = 8, runId = copy }));
        RawHttp.AssertRefused(CollabErrorCode.Conflict, await BranchAsync(api, new { from, atSequence = 8, runId = from }));
        var nameless = await BranchAsync(api, new { from, atSequence = 12, runId = (string?)null });
        Assert.Equal(HttpStatusCode.Created, nameless.Status);

        Assert.Equal(made.Value.BranchedFrom, (await api.PollAsync(copy)).Value.BranchedFrom);
        Assert.Equal(made.Value.BranchedFrom, (await api.ReplayAsync(copy)).Value.BranchedFrom);
        Assert.Null((await api.PollAsync(from)).Value.BranchedFrom);
        var listed = (await api.ListAsync()).Value.Runs.ToDictionary(r => r.RunId);
        Assert.Equal((made.Value.BranchedFrom, 11L), (listed[copy].BranchedFrom, listed[copy].LastSequence));
        Assert.Equal(12, listed[nameless.Value.RunId].LastEvent?.SequenceNumber);
        Assert.Null(listed[from].BranchedFrom);
    }

    [Fact]
    public async Task It_takes_the_right_to_read_the_one_and_to_write_to_the_other()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null, Unlimited);
        using var owner = server.Api();
        var (from, copy) = (Guid.NewGuid(), Guid.NewGuid());
        await owner.PublishAsync(from, EventTypes.Flag, new { stepId = "PM" });
        var body = new { from, atSequence = 1, runId = copy };

        foreach (var access in (string[][])[[$"{copy}:write"], [$"{from}:write"], [$"{from}:write", $"{copy}:read"], [$"{from}:read", $"{Guid.NewGuid()}:write"]])
        {
            using var guest = new ApiClient(server.Process.BaseAddress, TestTokens.Create("mallory", access));
            RawHttp.AssertRefused(CollabErrorCode.Forbidden, await BranchAsync(guest, body));
        }
        using (var nobody = new ApiClient(server.Process.BaseAddress, token: null))
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await BranchAsync(nobody, body));
        Assert.Equal(0, (await owner.PollAsync(copy)).Value.LastSequence);
        using var friend = new ApiClient(server.Process.BaseAddress, TestTokens.Create("ben", [$"{from}:read", $"{copy}:write"]));
        Assert.Equal(HttpStatusCode.Created, (await BranchAsync(friend, body)).Status);
    }

    [Fact]
    public async Task What_cannot_be_copied_is_refused_and_says_why()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null, Unlimited, new("Collab:Retention:EventsPerRun", "5"));
        using var api = server.Api();
        var from = Guid.NewGuid();
        for (var i = 0; i < 8; i++) await api.PublishAsync(from, EventTypes.Flag, new { stepId = $"S{i}" });

        foreach (var (body, says) in ((object, string)[])
        [
            (new { from, atSequence = 3 }, "from 4 to 8"), (new { from, atSequence = 9 }, "from 4 to 8"), (new { from, atSequence = 0 }, "1 or more"),
            (new { from }, "1 or more"), (new { from = "x", atSequence = 1 }, "from must be"), (new { atSequence = 1 }, "from must be"),
            (new { from, atSequence = 8, runId = "x" }, "runId must be"), (new { from = Guid.NewGuid(), atSequence = 1 }, "nothing was written"),
            (new { from, atSequence = "eight" }, "must be JSON"),
        ])
        {
            var refused = await BranchAsync(api, body);
            RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, refused);
            Assert.Contains(says, refused.Body, StringComparison.Ordinal);
        }
        var made = await BranchAsync(api, new { from, atSequence = 4 });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(4, (await api.StateAsync(made.Value.RunId)).Value.Flags.Count);
    }

    [Fact]
    public async Task A_user_makes_so_many_a_minute()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null, new KeyValuePair<string, string?>("Collab:Limits:BranchPerMinute", "2"));
        using var api = server.Api();
        using var ben = server.Api("ben");
        var from = Guid.NewGuid();
        await api.PublishAsync(from, EventTypes.Flag, new { stepId = "PM" });
        var body = new { from, atSequence = 1 };

        Assert.Equal(HttpStatusCode.Created, (await BranchAsync(api, body)).Status);
        Assert.Equal(HttpStatusCode.Created, (await BranchAsync(api, body)).Status);
        RawHttp.AssertRefused(CollabErrorCode.RateLimited, await BranchAsync(api, body));
        Assert.Equal(HttpStatusCode.Created, (await BranchAsync(ben, body)).Status);
    }

    /// <summary>The run that was empty has another log now: its followers come back to it, also those of a server that hears of it by the bus.</summary>
    [Fact]
    public async Task Followers_of_the_empty_run_come_back_to_the_copy_on_every_server()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await ServerUnderTest.StartAsync(database, Unlimited);
        await using var two = await ServerUnderTest.StartAsync(database, Unlimited);
        using var api = one.Api();
        var (from, copy) = (Guid.NewGuid(), Guid.NewGuid());
        await api.PublishAsync(from, EventTypes.Flag, new { stepId = "PM" });
        await using var here = await one.ConnectAsync("ana");
        await using var there = await two.ConnectAsync("ben");
        var before = await here.JoinAsync(copy);
        await there.JoinAsync(copy);

        var made = await BranchAsync(api, new { from, atSequence = 1, runId = copy });

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.NotEqual(before.Epoch, made.Value.Epoch);
        await here.Closed.WaitAsync(Patience.Default);
        await there.Closed.WaitAsync(Patience.Default);
        foreach (var server in (ServerUnderTest[])[one, two])
        {
            await using var back = await server.ConnectAsync("carl");
            var joined = await back.JoinAsync(copy);
            Assert.Equal((made.Value.Epoch, 1L), (joined.Epoch, joined.LastSequence));
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_was_copied_is_not_handled_again(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres));
        var (from, copy) = (Guid.NewGuid(), Guid.NewGuid());
        await app.GraftAsync(from, "a", "b", "c");
        await app.Probe.CallsOfAsync(from, 3);

        Assert.Equal(HttpStatusCode.Created, (await BranchAsync(app.Api, new { from, atSequence = 2, runId = copy })).Status);
        await app.GraftAsync(copy, "d");

        Assert.Equal(["d"], await app.Probe.AgentsOfAsync(copy, 1));
        await Eventually.TrueAsync(async () => (await app.StatusAsync()).Lag == 0);
        Assert.Equal([3], (await app.Probe.CallsOfAsync(copy, 1)).Select(e => e.SequenceNumber!.Value));
    }

    [Fact]
    public async Task An_application_makes_copies_without_a_token()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var from = app.Collab.Run(Guid.NewGuid());
        for (var i = 1; i <= 3; i++) await from.PublishAsync(new Flag($"S{i}"));

        var made = await from.BranchAsync(2);
        var copy = app.Collab.Run(made.RunId);
        var follower = copy.FollowAsync().Take(3).ToListAsync().AsTask();
        Assert.Equal(3, (await copy.PublishAsync(new Flag("OTHER"))).SequenceNumber);

        Assert.Equal([1, 2, 3], (await follower.WaitAsync(Patience.Default)).Select(e => e.SequenceNumber!.Value));
        Assert.Equal(["OTHER", "S1", "S2"], (await copy.GetStateAsync()).Flags.Keys.Order());
        Assert.Equal(made.BranchedFrom, (await copy.ReadAsync()).BranchedFrom);
        Assert.Equal(made.BranchedFrom, (await app.Collab.ListRunsAsync().ToListAsync()).Single(r => r.RunId == made.RunId).BranchedFrom);
        Assert.Equal(made, await from.BranchAsync(2, made.RunId));
        var conflict = await Assert.ThrowsAnyAsync<CollabRefusedException>(async () => await from.BranchAsync(3, made.RunId));
        Assert.Equal(CollabErrorCode.Conflict, conflict.Code);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await from.BranchAsync(0));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_copy_of_the_end_has_ended_and_one_of_the_moment_before_goes_on(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var from = app.Collab.Run(Guid.NewGuid());
        await from.PublishAsync(new Flag("PM"));
        Assert.Equal(2, (await from.EndAsync()).SequenceNumber);

        var ended = app.Collab.Run((await from.BranchAsync(2)).RunId);
        Assert.True((await ended.ReadAsync()).Ended);
        var refusal = await Assert.ThrowsAnyAsync<CollabRefusedException>(async () => await ended.PublishAsync(new Flag("SRE")));
        Assert.Equal(CollabErrorCode.RunEnded, refusal.Code);
        var goesOn = app.Collab.Run((await from.BranchAsync(1)).RunId);
        Assert.False((await goesOn.ReadAsync()).Ended);
        Assert.Equal(2, (await goesOn.PublishAsync(new Flag("SRE"))).SequenceNumber);
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null);
        using var http = new HttpClient { BaseAddress = server.Process.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Create("alice"));
        using var form = new StringContent("from=1", Encoding.UTF8, "application/x-www-form-urlencoded");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await http.PostAsync(new Uri("api/runs", UriKind.Relative), form)).StatusCode);
    }

    private static async Task<ApiResponse<BranchResult>> BranchAsync(ApiClient api, object body) =>
        new(await api.SendAsync(HttpMethod.Post, "api/runs", body));
}
