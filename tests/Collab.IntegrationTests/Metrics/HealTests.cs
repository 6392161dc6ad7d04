using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Metrics;

/// <summary>What a server learns from the store, because nobody told it, is counted.</summary>
[Collection(SharedPostgres.Name)]
public sealed class HealTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Another_servers_events_count_as_gaps_that_were_filled()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var here = await ServerUnderTest.StartAsync(database, KeyValuePair.Create("Collab:Bus:Postgres", (string?)"false"));
        await using var there = await ServerUnderTest.StartAsync(database, KeyValuePair.Create("Collab:Bus:Postgres", (string?)"false"));
        var run = Guid.NewGuid();
        await using var follower = await here.ConnectAsync("bob");
        await follower.JoinAsync(run);
        await using var publisher = await there.ConnectAsync("alice");

        await publisher.GraftAsync(run);
        await follower.WaitForSequenceAsync(run, 1);

        using var hereApi = here.Api();
        using var thereApi = there.Api();
        await Eventually.TrueAsync(async () => (await hereApi.MetricsAsync())["collab_feed_heals_total"] == 1);
        Assert.Equal(0, (await thereApi.MetricsAsync())["collab_feed_heals_total"]);
    }
}
