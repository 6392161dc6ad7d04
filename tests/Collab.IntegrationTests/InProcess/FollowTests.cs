using Collab.AspNetCore;
using Collab.AspNetCore.FanOut;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.InProcess;

/// <summary>A reader inside the application gets every event once, in order, at its own pace, or is told that there is one that it will never get.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FollowTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Kept_events_come_first_and_then_live_ones_each_once_in_order(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await PublishAsync(run, 300);
        var publishing = Task.Run(() => PublishAsync(run, 300));

        var events = await run.FollowAsync(after: 100).Take(500).ToListAsync().AsTask().WaitAsync(Patience.Default);
        await publishing;

        Assert.Equal(Enumerable.Range(101, 500).Select(n => (long?)n), events.Select(e => e.SequenceNumber));
        Assert.Empty((await run.GetPresenceAsync()).ActiveUsers);
        await Eventually.TrueAsync(() => app.Get<Feeds>().Find(run.RunId) is null or { Subscribers: 0 });
    }

    [Fact]
    public async Task A_reader_that_is_overrun_reads_on_from_the_store_and_holds_up_nobody()
    {
        await using var app = await EmbeddingApplication.StartAsync(
            StoreKind.Sqlite, postgres, options => (options.Limits.SubscriberLagBytes, options.Retention.EventsPerRun) = (64 * 1024, 5000));
        var run = app.Collab.Run(Guid.NewGuid());
        var fast = run.FollowAsync().Take(1001).ToListAsync().AsTask();
        await using var slow = run.FollowAsync().GetAsyncEnumerator();
        var first = slow.MoveNextAsync();
        await PublishAsync(run, 1);
        Assert.True(await first);

        // Much more than may wait for one reader, while it takes nothing.
        await PublishAsync(run, 1000, new string('x', 1000));
        Assert.Equal(1001, (await fast.WaitAsync(Patience.Default)).Count);
        await Eventually.TrueAsync(() => app.Get<Feeds>().Find(run.RunId) is { Subscribers: 0 });

        var numbers = new List<long?> { slow.Current.SequenceNumber };
        while (numbers.Count < 1001 && await slow.MoveNextAsync().AsTask().WaitAsync(Patience.Default)) numbers.Add(slow.Current.SequenceNumber);
        Assert.Equal(Enumerable.Range(1, 1001).Select(n => (long?)n), numbers);
        var next = slow.MoveNextAsync();
        await PublishAsync(run, 1);
        Assert.True(await next.AsTask().WaitAsync(Patience.Default));
        Assert.Equal(1002, slow.Current.SequenceNumber);
    }

    [Fact]
    public async Task A_reader_so_slow_that_retention_overtakes_it_is_told_so()
    {
        await using var app = await EmbeddingApplication.StartAsync(
            StoreKind.Sqlite, postgres, options => (options.Limits.SubscriberLagBytes, options.Retention.EventsPerRun) = (64 * 1024, 100));
        var run = app.Collab.Run(Guid.NewGuid());
        await PublishAsync(run, 1);
        await using var slow = run.FollowAsync().GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());

        await PublishAsync(run, 1000, new string('x', 1000));
        await Eventually.TrueAsync(() => app.Get<Feeds>().Find(run.RunId) is null or { Subscribers: 0 });

        var ended = await Assert.ThrowsAsync<FollowEndedException>(async () => { while (await slow.MoveNextAsync()) { } });
        Assert.Equal(EndingCode.Slow, ended.Code);
    }

    [Fact]
    public async Task An_erased_run_ends_who_follows_it_and_a_position_in_the_old_log_is_no_position()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await PublishAsync(run, 3);
        await using var reader = run.FollowAsync(after: 2).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        var next = reader.MoveNextAsync();

        await run.EraseAsync();

        Assert.Equal(EndingCode.Replaced, (await Assert.ThrowsAsync<FollowEndedException>(() => next.AsTask().WaitAsync(Patience.Default))).Code);
        await PublishAsync(run, 1);
        var ended = await Assert.ThrowsAsync<FollowEndedException>(async () => await run.FollowAsync(after: 2).FirstAsync());
        Assert.Equal(EndingCode.Replaced, ended.Code);
        Assert.Equal(1, (await run.FollowAsync().FirstAsync()).SequenceNumber);
    }

    [Fact]
    public async Task A_run_that_was_erased_between_two_events_is_noticed_also_by_a_reader_that_was_away()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await PublishAsync(run, 1);
        await using var reader = run.FollowAsync().GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());

        await run.EraseAsync();
        await PublishAsync(run, 5);

        Assert.Equal(EndingCode.Replaced, (await Assert.ThrowsAsync<FollowEndedException>(() => reader.MoveNextAsync().AsTask())).Code);
    }

    [Fact]
    public async Task Ephemeral_events_come_to_who_asks_for_them_and_cancelling_ends_it()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        using var stop = new CancellationTokenSource();
        await using var reader = run.FollowAsync(ephemeral: true, cancellationToken: stop.Token).GetAsyncEnumerator();
        var next = reader.MoveNextAsync();
        await Eventually.TrueAsync(() => app.Get<Feeds>().Find(run.RunId) is { Subscribers: 1 });

        await run.PublishAsync(new EmbeddingApplication.Typing("PM"));

        Assert.True(await next.AsTask().WaitAsync(Patience.Default));
        Assert.Equal("TYPING", reader.Current.EventType);
        var last = reader.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last.AsTask().WaitAsync(Patience.Default));
        await Eventually.TrueAsync(() => app.Get<Feeds>().Find(run.RunId) is null or { Subscribers: 0 });
    }

    private static async Task PublishAsync(RunHandle run, int count, string note = "")
    {
        for (var left = count; left > 0; left -= 100)
            await run.PublishAsync([.. Enumerable.Repeat(NewEvent.Create("FLAG", new { stepId = "PM", note }), Math.Min(left, 100))]);
    }
}
