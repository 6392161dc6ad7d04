using System.Net;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Handlers;

/// <summary>Handlers get each event of their types, in the order of its run; what they fail at is tried again, and then set aside.</summary>
[Collection(SharedPostgres.Name)]
public sealed class HandlerTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Each_event_of_its_types_is_handled_in_the_order_of_its_run(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres));
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());

        await app.GraftAsync(run, "a");
        await app.Api.PublishAsync(run, EventTypes.Prune, new { stepId = "PM", isPruned = true });
        await app.Api.PublishAsync(run, EventTypes.Flag, new { stepId = "PM" });
        await app.GraftAsync(other, "b");
        await app.GraftAsync(run, "c");

        Assert.Equal([1, 3, 4], (await app.Probe.CallsOfAsync(run, 3)).Select(e => e.SequenceNumber!.Value));
        Assert.Equal(["b"], await app.Probe.AgentsOfAsync(other, 1));
        await Eventually.TrueAsync(async () => (await app.StatusAsync()).Lag == 0);
        // A server says every half minute that it has the handler.
        Assert.InRange((await app.StatusAsync()).SeenAgoMs, 0, 120_000);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_fails_is_tried_again_and_nothing_of_its_run_passes_it(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres));
        var (run, other, failures) = (Guid.NewGuid(), Guid.NewGuid(), 0);
        app.Probe.Behave = (e, _) =>
            e.RunId == run && e.As<Graft>().AgentName == "b" && ++failures < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;

        await app.GraftAsync(run, "a", "b", "c");
        await app.GraftAsync(other, "d");

        Assert.Equal(["a", "b", "b", "b", "c"], await app.Probe.AgentsOfAsync(run, 5));
        Assert.Equal(["d"], await app.Probe.AgentsOfAsync(other, 1));
        Assert.Equal(0, (await app.StatusAsync()).ParkedRuns);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_run_that_is_given_up_waits_for_an_administrator(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres), o => o.Attempts = 2);
        var (run, other, broken) = (Guid.NewGuid(), Guid.NewGuid(), "b");
        app.Probe.Behave = (e, _) => e.As<Graft>().AgentName == broken ? throw new InvalidOperationException("no such agent") : Task.CompletedTask;

        await app.GraftAsync(run, "a", "b", "c");
        await Eventually.TrueAsync(async () => (await app.StatusAsync()).ParkedRuns == 1);
        var parked = Assert.Single((await app.StatusAsync()).Parked);
        Assert.Equal((run, 2L, 2, "InvalidOperationException: no such agent"), (parked.RunId, parked.SequenceNumber, parked.Attempts, parked.Error));
        await app.GraftAsync(run, "d");
        await app.GraftAsync(other, "e");
        Assert.Equal(["e"], await app.Probe.AgentsOfAsync(other, 1));
        Assert.Equal(["a", "b", "b"], await app.Probe.AgentsOfAsync(run, 3));

        Assert.Equal(HttpStatusCode.NoContent, await app.PostAsync(run, "retry"));
        await app.Probe.AgentsOfAsync(run, 5);
        await Eventually.TrueAsync(async () => (await app.StatusAsync()).ParkedRuns == 1);
        Assert.Equal(HttpStatusCode.NoContent, await app.PostAsync(run, "skip"));

        Assert.Equal(["a", "b", "b", "b", "b", "c", "d"], await app.Probe.AgentsOfAsync(run, 7));
        Assert.Equal(0, (await app.StatusAsync()).ParkedRuns);
        Assert.Equal(HttpStatusCode.NotFound, await app.PostAsync(run, "retry"));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was_and_a_new_handler_begins_where_it_is_told_to()
    {
        var database = await postgres.CreateDatabaseAsync();
        var run = Guid.NewGuid();
        await using (var before = await ProbeApplication.StartAsync(database))
        {
            await before.GraftAsync(run, "a", "b");
            await before.Probe.AgentsOfAsync(run, 2);
        }

        await using var after = await ProbeApplication.StartAsync(database);
        await using var fromTheStart = await ProbeApplication.StartAsync(database, name: "all");
        await using var fromNow = await ProbeApplication.StartAsync(database, o => o.OnlyNew = true, name: "new");
        await Eventually.TrueAsync(async () => (await after.Api.GetAsync<IReadOnlyList<HandlerStatus>>("api/admin/handlers")).Value.Count == 3);
        await fromTheStart.Probe.AgentsOfAsync(run, 2);
        await fromNow.GraftAsync(run, "c");

        Assert.Equal(["c"], await fromNow.Probe.AgentsOfAsync(run, 1));
        await after.GraftAsync(run, "d");
        Assert.Equal(["c", "d"], await after.Probe.AgentsOfAsync(run, 2));
        await fromTheStart.GraftAsync(run, "e");
        Assert.Equal(["a", "b", "c", "d", "e"], await fromTheStart.Probe.AgentsOfAsync(run, 5));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_run_that_was_erased_begins_again(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres));
        var run = Guid.NewGuid();
        await app.GraftAsync(run, "a", "b", "c");
        await app.Probe.AgentsOfAsync(run, 3);

        await app.Api.EraseAsync(run);
        await app.GraftAsync(run, "d");

        Assert.Equal(["a", "b", "c", "d"], await app.Probe.AgentsOfAsync(run, 4));
        Assert.Equal(1, (await app.Probe.CallsOfAsync(run, 4))[3].SequenceNumber);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_run_that_was_given_up_and_erased_begins_again(StoreKind kind)
    {
        await using var app = await ProbeApplication.StartAsync(await ProbeApplication.DatabaseAsync(kind, postgres), o => o.Attempts = 1);
        var run = Guid.NewGuid();
        app.Probe.Behave = (e, _) => e.As<Graft>().AgentName == "b" ? throw new InvalidOperationException("no such agent") : Task.CompletedTask;
        await app.GraftAsync(run, "a", "b");
        await Eventually.TrueAsync(async () => (await app.StatusAsync()).ParkedRuns == 1);

        await app.Api.EraseAsync(run);
        await Eventually.TrueAsync(async () => await app.StatusAsync() is { ParkedRuns: 0, Parked.Count: 0 });
        Assert.Equal(HttpStatusCode.NotFound, await app.PostAsync(run, "skip"));
        await app.GraftAsync(run, "c", "d");

        Assert.Equal(["a", "b", "c", "d"], await app.Probe.AgentsOfAsync(run, 4));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite, 1000, 2)]
    [InlineData(StoreKind.Sqlite, 50, 251)]
    [InlineData(StoreKind.Postgres, 1000, 2)]
    [InlineData(StoreKind.Postgres, 50, 251)]
    public async Task Retention_waits_for_a_handler_as_far_as_it_is_told_to(StoreKind kind, int slack, long second)
    {
        await using var app = await ProbeApplication.StartAsync(
            await ProbeApplication.DatabaseAsync(kind, postgres), options: o => (o.Retention.EventsPerRun, o.Retention.HandlerSlack) = (10, slack));
        var (run, gate) = (Guid.NewGuid(), new TaskCompletionSource());
        app.Probe.Behave = (_, cancellationToken) => gate.Task.WaitAsync(cancellationToken);

        await app.GraftAsync(run, "first");
        await app.Probe.CallsOfAsync(run, 1);
        await app.GraftAsync(run, [.. Enumerable.Repeat("next", 309)]);
        await Eventually.TrueAsync(async () => await app.TrimmedAsync(run) == second - 1 || slack > 300);
        var read = await app.Api.PollAsync(run);
        gate.SetResult();

        Assert.True(read.Value.Events.Count <= 10);
        var calls = await app.Probe.CallsOfAsync(run, (int)(310 - second + 2));
        Assert.Equal([1, second, 310], [calls[0].SequenceNumber!.Value, calls[1].SequenceNumber!.Value, calls[^1].SequenceNumber!.Value]);
    }
}
