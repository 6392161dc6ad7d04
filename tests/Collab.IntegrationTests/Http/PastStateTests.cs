using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The state of a run as it was after any of its kept events, and before the first of them, however much the trimmer has deleted.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PastStateTests(PostgresFixture postgres)
{
    private const int Kept = 200;
    private const string User = "alice";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Each_kept_event_has_its_state_and_what_is_beyond_is_refused(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, KeyValuePair.Create("Collab:Retention:EventsPerRun", (string?)$"{Kept}"));
        using var api = server.Api(User);
        var run = Guid.NewGuid();
        await using var client = await server.ConnectAsync(User);
        var published = 0;
        // Nothing trimmed yet, somewhat more than is kept, and after trims that leave some slack.
        foreach (var count in (int[])[150, 260, 750])
        {
            await MixedEvents.PublishAsync(client, run, published + 1, count);
            published = count;
            await Eventually.TrueAsync(async () => await server.CountRowsAsync(run) < Kept + 100);

            var first = Math.Max(0, count - Kept);
            var oldest = (await api.ReplayAsync(run, limit: 1)).Value.OldestSequence;
            Assert.Equal(first + 1, oldest);
            foreach (var at in (int[])[first, first + 1, first + 2, (first + count) / 2, count - 1, count])
                MixedEvents.AssertState(at, User, (await api.StateAsync(run, at)).Value);
            foreach (var at in (long[])[first - 1, count + 1, -1, long.MinValue, long.MaxValue])
            {
                var refused = await api.StateAsync(run, at);
                RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, refused);
                Assert.Contains($"from {first} to {count}", refused.Body, StringComparison.Ordinal);
            }
        }

        await Eventually.TrueAsync(async () => (await api.MetricsAsync())["collab_events_trimmed_total"] + await server.CountRowsAsync(run) == published);
        await api.EraseAsync(run);
        Assert.Equal(0, (await api.StateAsync(run, 0)).Value.AsOfSequence);
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await api.StateAsync(run, 1));
    }

    [Fact]
    public async Task Who_may_not_read_the_run_learns_nothing_of_its_past()
    {
        await using var server = await ServerUnderTest.StartAsync(database: null);
        using var api = new ApiClient(server.Process.BaseAddress, TestTokens.Create("mallory", [$"{Guid.NewGuid()}:write"]));

        RawHttp.AssertRefused(CollabErrorCode.Forbidden, await api.StateAsync(Guid.NewGuid(), 0));
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await api.GetAsync($"api/runs/{Guid.NewGuid()}/collaboration/state?asOfSequence=one"));
    }
}
