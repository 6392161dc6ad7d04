using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>
/// A run is erased while a client joins it, at the one moment in which both are under way: the store is being read. The join begins with the new log, and
/// no event of either log comes twice or to where it does not belong.
/// </summary>
public sealed class ErasedWhileJoiningTests
{
    private readonly Arrivals<TaskCompletionSource<RunSnapshot>> _asked = new();
    private readonly Feeds _feeds;
    private int _taken;

    public ErasedWhileJoiningTests() => _feeds = Some.Feeds(new SlowStore(_asked));

    [Fact]
    public async Task A_join_that_reads_the_old_log_begins_with_the_new_one()
    {
        var (slow, quick) = (new FakeSubscriber("slow"), new FakeSubscriber("quick"));
        var joining = AttachAsync(slow);
        var readOld = await NextReadAsync();

        _feeds.Forget(Some.Run, Ending.Erased);
        var joiningAgain = AttachAsync(quick);
        (await NextReadAsync()).SetResult(Some.Snapshot(1, 1, Some.OtherEpoch));
        var quickView = await joiningAgain.WaitAsync(Patience.Default);
        readOld.SetResult(Some.Snapshot(1, 3));
        var slowView = await joining.WaitAsync(Patience.Default);
        Commit(Some.OtherEpoch, 2);
        Commit(Some.OtherEpoch, 3);

        foreach (var (subscriber, view) in ((FakeSubscriber, RunView)[])[(slow, slowView), (quick, quickView)])
        {
            Assert.Equal(Some.OtherEpoch, view.Epoch);
            Assert.Equal([1], view.Events.Select(e => e.Sequence));
            await subscriber.HasAsync(3);
            Assert.Equal([2, 3], subscriber.Sequences);
            Assert.Empty(subscriber.CutOffs.All);
        }
    }

    [Fact]
    public async Task What_is_committed_to_the_new_log_while_it_is_read_for_a_join_comes_once()
    {
        var follower = new FakeSubscriber();
        var joining = AttachAsync(follower);
        var readOld = await NextReadAsync();
        Commit(Some.Epoch, 4);
        _feeds.Forget(Some.Run, Ending.Erased);

        readOld.SetResult(Some.Snapshot(1, 3));
        var readNew = await NextReadAsync();
        Commit(Some.Epoch, 5);
        Commit(Some.OtherEpoch, 1);
        Commit(Some.OtherEpoch, 2);
        readNew.SetResult(Some.Snapshot(1, 1, Some.OtherEpoch));

        var view = await joining.WaitAsync(Patience.Default);
        Commit(Some.OtherEpoch, 3);
        await follower.HasAsync(3);
        Assert.Equal(Some.OtherEpoch, view.Epoch);
        Assert.Equal([1, 2, 3], view.Events.Select(e => e.Sequence).Concat(follower.Sequences));
        Assert.Empty(follower.CutOffs.All);
    }

    [Fact]
    public async Task A_poll_that_reads_the_old_log_is_answered_from_the_new_one()
    {
        var polling = _feeds.ReadAsync(Some.Run, 0, CancellationToken.None).AsTask();
        var readOld = await NextReadAsync();
        _feeds.Forget(Some.Run, Ending.Erased);

        readOld.SetResult(Some.Snapshot(1, 3));
        (await NextReadAsync()).SetResult(Some.Snapshot(1, 1, Some.OtherEpoch));

        var view = await polling.WaitAsync(Patience.Default);
        Assert.Equal(Some.OtherEpoch, view.Epoch);
        Assert.Equal([1], view.Events.Select(e => e.Sequence));
    }

    [Fact]
    public async Task Who_has_joined_the_old_log_is_told_and_gets_nothing_of_the_new_one()
    {
        var follower = new FakeSubscriber();
        var joining = AttachAsync(follower);
        (await NextReadAsync()).SetResult(Some.Snapshot(1, 3));
        await joining.WaitAsync(Patience.Default);

        _feeds.Forget(Some.Run, Ending.Erased);
        Commit(Some.OtherEpoch, 1);
        var other = AttachAsync(new("other"));
        (await NextReadAsync()).SetResult(Some.Snapshot(1, 1, Some.OtherEpoch));
        await other.WaitAsync(Patience.Default);
        Commit(Some.OtherEpoch, 2);

        Assert.Equal([Ending.Erased], follower.CutOffs.All);
        Assert.Empty(follower.Sequences);
    }

    private async Task<RunView> AttachAsync(FakeSubscriber subscriber) =>
        (await _feeds.AttachAsync(Some.Run, subscriber, 0, asConnection: true, CancellationToken.None)).View;

    private void Commit(Guid epoch, int sequence)
    {
        Commit[] commits = [new(Some.Run, epoch, Some.Event(sequence))];
        _feeds.Committed(commits);
        _feeds.Flush(commits);
    }

    private async Task<TaskCompletionSource<RunSnapshot>> NextReadAsync()
    {
        await _asked.WaitForAsync(all => all.Count > _taken);
        return _asked.All[_taken++];
    }

    /// <summary>Answers when and what the test says.</summary>
    private sealed class SlowStore(Arrivals<TaskCompletionSource<RunSnapshot>> asked) : EmptyStore
    {
        public override ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken)
        {
            var answer = new TaskCompletionSource<RunSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
            asked.Add(answer);
            return new(answer.Task);
        }
    }
}
