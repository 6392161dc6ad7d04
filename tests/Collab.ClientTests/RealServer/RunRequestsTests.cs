using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>What can be asked of a real server, and published to it, without following a run.</summary>
public sealed class RunRequestsTests : IAsyncLifetime
{
    private readonly LiveServer _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Events_states_and_runs_can_be_read_page_by_page_without_being_seen()
    {
        Guid[] runs = [Guid.NewGuid(), Guid.NewGuid()];
        await using (var publisher = _server.NewClient("ana"))
        {
            foreach (var id in runs)
            {
                await using var run = await publisher.ConnectAsync(id);
                await run.GraftAsync("PM", "first");
                await run.GraftAsync("PM", "last");
                await run.FlagAsync("SRE");
            }
        }
        await using var reader = _server.NewClient("ben");

        var page = await reader.ReplayAsync(runs[0], limit: 2);
        var rest = await reader.ReplayAsync(runs[0], afterSequence: 2);
        Assert.Equal([1, 2, 3], page.Events.Concat(rest.Events).Select(e => e.SequenceNumber!.Value));
        Assert.Equal((true, false), (page.HasMore, rest.HasMore));

        Assert.Equal(new GraftEntry("first", "ana", 1), (await reader.GetStateAsync(runs[0], asOfSequence: 1)).Grafts["PM"]);
        var state = await reader.GetStateAsync(runs[0]);
        Assert.Equal((3, new GraftEntry("last", "ana", 2)), (state.AsOfSequence, state.Grafts["PM"]));

        var newest = await reader.ListRunsAsync(limit: 1);
        var older = await reader.ListRunsAsync(newest.NextCursor);
        Assert.Equal([runs[1], runs[0]], newest.Runs.Concat(older.Runs).Select(run => run.RunId));
        Assert.All(newest.Runs, run => Assert.DoesNotContain("ben", run.ActiveUsers));
    }

    [Fact]
    public async Task Several_events_can_be_published_without_being_seen()
    {
        var run = Guid.NewGuid();
        await using var client = _server.NewClient("ana");

        var results = await client.PublishBatchAsync(run, [Flag("PM"), new("NOPE", JsonElement.Parse("{}"), null), Flag("SRE")]);

        Assert.Equal([1, null, 2], results.Select(result => result.Ack?.SequenceNumber));
        Assert.Equal(CollabErrorCode.InvalidEvent, CollabException.Of(results[1].Error!).Code);
        var refusal = await Assert.ThrowsAsync<CollabException>(() => client.PublishBatchAsync(run, [Flag("PM"), new("NOPE", JsonElement.Parse("{}"), null)], isAtomic: true));
        Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);
        Assert.Equal(["PM", "SRE"], (await client.ReplayAsync(run)).Events.Select(e => e.As<Flag>().StepId));

        static PublishRequest Flag(string step) => new(EventTypes.Flag, JsonElement.Parse($$"""{"stepId":"{{step}}"}"""), Guid.CreateVersion7());
    }

    [Fact]
    public async Task A_run_can_begin_as_a_copy_of_another()
    {
        var (from, copy) = (Guid.NewGuid(), Guid.NewGuid());
        await using var client = _server.NewClient("ana");
        await using (var run = await client.ConnectAsync(from))
        {
            await run.FlagAsync("PM");
            await run.FlagAsync("SRE");
        }

        var made = await client.BranchAsync(from, 1, copy);
        Assert.Equal((copy, new BranchOrigin(from, 1)), (made.RunId, made.BranchedFrom));
        Assert.Equal(made, await client.BranchAsync(from, 1, copy));
        var refusal = await Assert.ThrowsAsync<CollabException>(() => client.BranchAsync(from, 2, copy));
        Assert.Equal((CollabErrorCode.Conflict, false), (refusal.Code, refusal.IsRetryable));
        Assert.NotEqual(copy, (await client.BranchAsync(from, 1)).RunId);

        await using var branch = await client.ConnectAsync(copy);
        Assert.Equal(made.BranchedFrom, branch.Snapshot.BranchedFrom);
        Assert.Equal(2, (await branch.FlagAsync("QA")).SequenceNumber);
        Assert.Equal(["PM", "QA"], (await client.GetStateAsync(copy)).Flags.Keys.Order());
        Assert.Equal(made.BranchedFrom, (await client.ListRunsAsync()).Runs.Single(run => run.RunId == copy).BranchedFrom);
    }

    [Fact]
    public async Task A_refusal_no_answer_and_a_caller_who_gives_up_are_told_apart()
    {
        await using var client = _server.NewClient("ana");
        var refusal = await Assert.ThrowsAsync<CollabException>(() => client.ReplayAsync(Guid.NewGuid(), limit: 1001));
        Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetStateAsync(Guid.NewGuid(), cancellationToken: new(canceled: true)));

        await using var lost = new CollabClient(new CollabClientOptions { BaseAddress = new Uri("http://127.0.0.1:1") });
        await Assert.ThrowsAsync<HttpRequestException>(() => lost.ListRunsAsync());
    }
}
