using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>Runs are trimmed in the background, each for itself.</summary>
public sealed class TrimmerTests
{
    [Fact]
    public async Task A_run_that_cannot_be_trimmed_keeps_no_other_from_it_and_is_tried_again()
    {
        Guid[] runs = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        var store = new PartlyBrokenStore(runs[0], runs[2]);
        using var trimmer = new Trimmer(
            store, Some.Metrics(), Some.Options(o => o.Retention.EventsPerRun = 100), TimeProvider.System, NullLogger<Trimmer>.Instance);
        foreach (var run in runs) trimmer.Note(run, sequence: 200);

        await trimmer.StartAsync(CancellationToken.None);
        await store.Tried.WaitForAsync(all => all.Count >= runs.Length + 4);
        await trimmer.StopAsync(CancellationToken.None);

        Assert.Equal(runs.Order(), store.Tried.All[..runs.Length].Order());
        Assert.All(store.Tried.All[runs.Length..], run => Assert.Contains(run, (Guid[])[runs[0], runs[2]]));
        Assert.Equal(2, store.Tried.All[runs.Length..(runs.Length + 2)].Distinct().Count());
    }

    [Fact]
    public async Task A_run_is_trimmed_with_the_next_pass_once_and_one_that_failed_with_the_pass_after()
    {
        var (sound, broken, time) = (Guid.NewGuid(), Guid.NewGuid(), new ManualTime());
        var store = new PartlyBrokenStore(broken);
        using var trimmer = new Trimmer(
            store, Some.Metrics(), Some.Options(o => o.Retention.EventsPerRun = 100), time, NullLogger<Trimmer>.Instance);
        await trimmer.StartAsync(CancellationToken.None);
        await time.Timers.WaitForAsync(all => all.Count >= 1);

        trimmer.Note(sound, sequence: 200);
        trimmer.Note(broken, sequence: 200);
        time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Empty(store.Tried.All);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await store.Tried.WaitForAsync(all => all.Count >= 2);
        time.Advance(TimeSpan.FromMilliseconds(200));
        await store.Tried.WaitForAsync(all => all.Count >= 3);
        await trimmer.StopAsync(CancellationToken.None);

        Assert.Equal(new[] { sound, broken }.Order(), store.Tried.All[..2].Order());
        Assert.Equal(broken, store.Tried.All[2]);
    }

    private sealed class PartlyBrokenStore(params Guid[] broken) : EmptyStore
    {
        public Arrivals<Guid> Tried { get; } = new();

        public override ValueTask<int> TrimAsync(Guid runId, int keep, int slack, CancellationToken cancellationToken)
        {
            Tried.Add(runId);
            return broken.Contains(runId) ? throw new StoreException(StoreFailure.Unavailable, new TimeoutException("too slow")) : new(1);
        }
    }
}
