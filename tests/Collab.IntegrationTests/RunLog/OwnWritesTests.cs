using Collab.IntegrationTests.Store;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// What a server has acknowledged is in all that it answers from then on, with what other servers committed before it, though nobody has told it of that.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class OwnWritesTests(PostgresFixture postgres)
{
    private readonly Guid _run = Guid.NewGuid();

    [Fact]
    public async Task An_acknowledged_event_behind_another_servers_is_read_at_once()
    {
        var (ours, other) = await StartTwoAsync();
        await using (ours)
        await using (other)
        {
            await other.Log.AppendAsync(StoreUnderTest.Append(_run));
            Assert.Equal(2, (await ours.Log.AppendAsync(StoreUnderTest.Append(_run))).SequenceNumber);

            Assert.Equal([1, 2], await ReadAsync(ours));
        }
    }

    [Fact]
    public async Task So_is_one_that_another_server_had_stored_before()
    {
        var (ours, other) = await StartTwoAsync();
        await using (ours)
        await using (other)
        {
            var id = Guid.CreateVersion7();
            await other.Log.AppendAsync(StoreUnderTest.Append(_run, id));
            Assert.True((await ours.Log.AppendAsync(StoreUnderTest.Append(_run, id))).Duplicate);

            Assert.Equal([1], await ReadAsync(ours));
        }
    }

    [Fact]
    public async Task So_is_the_first_of_a_log_that_was_begun_again()
    {
        var (ours, other) = await StartTwoAsync();
        await using (ours)
        await using (other)
        {
            for (var n = 0; n < 3; n++) await ours.Log.AppendAsync(StoreUnderTest.Append(_run));
            await other.Log.EraseAsync(_run, CancellationToken.None);
            Assert.Equal(1, (await ours.Log.AppendAsync(StoreUnderTest.Append(_run))).SequenceNumber);

            Assert.Equal([1], await ReadAsync(ours));
        }
    }

    [Fact]
    public async Task Many_runs_are_healed_with_one_question()
    {
        var (ours, other) = await StartTwoAsync();
        await using (ours)
        await using (other)
        {
            const int Events = 130;
            var runs = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
            var feeds = new List<AspNetCore.FanOut.Feed>();
            foreach (var run in runs) feeds.Add(await ours.Feeds.GetAsync(run, CancellationToken.None));
            await Task.WhenAll(runs.SelectMany(run => Enumerable.Range(0, Events).Select(_ => other.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask())));

            // More than it takes of one run at a time: what is left comes with the next.
            Assert.Equal(runs.Length, await ours.Feeds.HealAsync(feeds, CancellationToken.None));
            Assert.All(feeds, feed => Assert.InRange(feed.LastSequence, 1, Events - 1));
            Assert.Equal(runs.Length, await ours.Feeds.HealAsync(feeds, CancellationToken.None));

            Assert.All(feeds, feed => Assert.Equal((Events, false), (feed.LastSequence, feed.IsRetired)));
            Assert.Equal(0, await ours.Feeds.HealAsync(feeds, CancellationToken.None));
        }
    }

    /// <summary>Two servers' logs on one database, neither of which looks for what the other does; the run is active on the first.</summary>
    private async Task<(StoreUnderTest Ours, StoreUnderTest Other)> StartTwoAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        var (ours, other) = (StoreUnderTest.On(database), StoreUnderTest.On(database));
        await ours.Store.MigrateAsync(CancellationToken.None);
        await ours.Log.StartAsync(CancellationToken.None);
        await other.Log.StartAsync(CancellationToken.None);
        await ours.Feeds.GetAsync(_run, CancellationToken.None);
        return (ours, other);
    }

    private async Task<IEnumerable<long>> ReadAsync(StoreUnderTest server) =>
        (await server.Feeds.ReadAsync(_run, 0, CancellationToken.None)).Events.Select(e => e.Sequence);
}
