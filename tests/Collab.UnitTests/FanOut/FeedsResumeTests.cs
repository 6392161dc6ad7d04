using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>Whoever comes back with nothing but a position goes on there, also on a server that has not heard yet of what another one stored.</summary>
public sealed class FeedsResumeTests : IDisposable
{
    private readonly FeedHealer _healer = new(Some.Metrics(), new ManualTime(), NullLogger<FeedHealer>.Instance);
    private readonly GrowingStore _store = new();
    private readonly Feeds _feeds;

    public FeedsResumeTests() => _feeds = Some.Feeds(_store, _healer);

    public void Dispose() => _healer.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_position_that_the_feed_knows_needs_no_store(long position)
    {
        await FollowAsync();
        _store.Loads = 0;

        Assert.Equal(position, await ResumeAtAsync(position));

        Assert.Equal(0, _store.Loads);
    }

    [Fact]
    public async Task A_position_that_only_the_store_knows_is_caught_up_with()
    {
        var follower = await FollowAsync();
        _store.Last = 5;

        Assert.Equal(5, await ResumeAtAsync(5));

        await follower.HasAsync(5);
        Assert.Equal([4, 5], follower.Sequences);
        Assert.Empty(follower.CutOffs.All);
    }

    [Fact]
    public async Task A_position_beyond_the_store_is_one_in_a_log_that_was_erased()
    {
        await FollowAsync();

        Assert.Equal(0, await ResumeAtAsync(6));
    }

    [Fact]
    public async Task A_feed_of_a_log_that_was_erased_meanwhile_gives_way_to_the_new_one()
    {
        var follower = await FollowAsync();
        (_store.Epoch, _store.Last) = (Some.OtherEpoch, 5);

        Assert.Equal(5, await ResumeAtAsync(5));
        Assert.Equal(0, await ResumeAtAsync(6));

        Assert.Single(follower.CutOffs.All);
    }

    private Task<long> ResumeAtAsync(long position) => _feeds.ResumeAtAsync(Some.Run, position, CancellationToken.None).AsTask().WaitAsync(Patience.Default);

    private async Task<FakeSubscriber> FollowAsync()
    {
        var follower = new FakeSubscriber();
        await _feeds.AttachAsync(Some.Run, follower, 0, asConnection: true, CancellationToken.None);
        return follower;
    }

    /// <summary>Other servers write to it.</summary>
    private sealed class GrowingStore : EmptyStore
    {
        public int Last { get; set; } = 3;

        public Guid Epoch { get; set; } = Some.Epoch;

        public int Loads { get; set; }

        public override ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
        {
            Loads++;
            return new(Some.Snapshot((int)after + 1, Last, Epoch));
        }
    }
}
