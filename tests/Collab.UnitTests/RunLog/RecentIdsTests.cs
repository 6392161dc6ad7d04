using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>Where other servers write too, the store is warned of ids that were committed lately; the memory for them stays bounded.</summary>
public sealed class RecentIdsTests
{
    private readonly RecentIds _recent = new(capacity: 3);

    [Fact]
    public void A_repeat_may_be_there_and_what_is_new_is_not()
    {
        var append = Commit();

        Assert.True(_recent.MayBeThere(append));
        Assert.False(_recent.MayBeThere(Some.Append()));
    }

    [Fact]
    public void The_store_is_asked_what_it_has()
    {
        Assert.False(_recent.TryRecognise(Commit(), out _));
    }

    [Fact]
    public void Between_one_and_two_times_its_capacity_of_the_newest_are_kept()
    {
        var appends = Enumerable.Range(0, 8).Select(_ => Commit()).ToArray();

        Assert.Equal([false, false, false, true, true, true, true, true], appends.Select(append => _recent.MayBeThere(append)));
    }

    [Fact]
    public void An_erased_runs_ids_are_still_asked_about()
    {
        var append = Commit();

        _recent.Forget(append.RunId);

        Assert.True(_recent.MayBeThere(append));
    }

    private Append Commit()
    {
        var append = Some.Append();
        _recent.Remember(append, new(1, 101, Some.Epoch));
        return append;
    }
}
