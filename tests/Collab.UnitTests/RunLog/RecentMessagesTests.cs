using Collab.AspNetCore.RunLog;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>Repeats of recent commits are answered from memory, which stays bounded.</summary>
public sealed class RecentMessagesTests
{
    private static readonly Guid Erased = Guid.NewGuid();
    private readonly RecentMessages _recent = new(capacity: 3, (_, epoch) => epoch != Erased);

    [Fact]
    public void A_repeat_gets_the_number_and_time_of_the_first()
    {
        var id = Commit(42).MessageId;
        var repeat = Some.Append(id);

        Assert.True(_recent.TryRecognise(repeat));
        Assert.Equal((42, 142, true), (repeat.Sequence, repeat.Timestamp, repeat.IsDuplicate));
    }

    [Fact]
    public void The_same_id_in_another_run_is_another_event()
    {
        var id = Commit(1).MessageId;

        Assert.False(_recent.TryRecognise(Some.Append(id, Guid.NewGuid())));
    }

    [Fact]
    public void The_oldest_are_forgotten_first()
    {
        var ids = Enumerable.Range(1, 5).Select(n => Commit(n).MessageId).ToArray();

        Assert.Equal([false, false, true, true, true], ids.Select(id => _recent.TryRecognise(Some.Append(id))));
    }

    [Fact]
    public void Remembering_a_repeat_changes_nothing()
    {
        var first = Commit(1);
        _recent.Remember(Committed(first.MessageId, 9));
        Commit(2);
        Commit(3);
        var repeat = Some.Append(first.MessageId);

        Assert.True(_recent.TryRecognise(repeat));
        Assert.Equal(1, repeat.Sequence);
    }

    [Fact]
    public void An_erased_runs_ids_can_be_used_again()
    {
        var other = Some.Append(runId: Guid.NewGuid());
        _recent.Remember(other);
        var erased = Commit(1);

        _recent.Forget(Some.Run);

        Assert.False(_recent.TryRecognise(Some.Append(erased.MessageId)));
        Assert.True(_recent.TryRecognise(Some.Append(other.MessageId, other.RunId)));
    }

    [Fact]
    public void An_id_of_a_log_that_was_erased_elsewhere_is_not_recognised_until_it_is_committed_again()
    {
        var append = Some.Append();
        (append.Sequence, append.Epoch) = (500, Erased);
        _recent.Remember(append);
        Assert.False(_recent.TryRecognise(Some.Append(append.MessageId)));

        _recent.Remember(Committed(append.MessageId, 1));

        var repeat = Some.Append(append.MessageId);
        Assert.True(_recent.TryRecognise(repeat));
        Assert.Equal(1, repeat.Sequence);
    }

    private PendingAppend Commit(long sequence)
    {
        var append = Committed(Guid.NewGuid(), sequence);
        _recent.Remember(append);
        return append;
    }

    private static PendingAppend Committed(Guid id, long sequence)
    {
        var append = Some.Append(id);
        (append.Sequence, append.Timestamp) = (sequence, 100 + sequence);
        return append;
    }
}
