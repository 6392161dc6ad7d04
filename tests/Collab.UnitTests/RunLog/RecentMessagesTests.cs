using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
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
        Assert.Equal(new Appended(42, 142, Some.Epoch, Found.Itself), Recognise(Commit(42)));
    }

    [Fact]
    public void Another_users_event_with_this_id_is_told_from_a_repeat()
    {
        Assert.Equal(Found.Another, Recognise(Commit(1) with { UserId = "mallory" })?.Found);
    }

    [Fact]
    public void The_same_id_in_another_run_is_another_event()
    {
        Assert.Null(Recognise(Commit(1) with { RunId = Guid.NewGuid() }));
    }

    [Fact]
    public void The_oldest_are_forgotten_first()
    {
        var appends = Enumerable.Range(1, 5).Select(n => Commit(n)).ToArray();

        Assert.Equal([false, false, true, true, true], appends.Select(append => Recognise(append) is not null));
    }

    [Fact]
    public void Remembering_a_repeat_changes_nothing()
    {
        var first = Commit(1);
        _recent.Remember(first, Appended(9));
        Commit(2);
        Commit(3);

        Assert.Equal(1, Recognise(first)?.Sequence);
    }

    [Fact]
    public void An_erased_runs_ids_can_be_used_again()
    {
        var other = Some.Append(runId: Guid.NewGuid());
        _recent.Remember(other, Appended(1));
        var erased = Commit(1);

        _recent.Forget(Some.Run);

        Assert.Null(Recognise(erased));
        Assert.NotNull(Recognise(other));
    }

    [Fact]
    public void An_id_of_a_log_that_was_erased_elsewhere_is_not_recognised_until_it_is_committed_again()
    {
        var append = Some.Append();
        _recent.Remember(append, Appended(500) with { Epoch = Erased });
        Assert.Null(Recognise(append));

        _recent.Remember(append, Appended(1));

        Assert.Equal(1, Recognise(append)?.Sequence);
    }

    private Appended? Recognise(Append append) => _recent.TryRecognise(append, out var known) ? known : null;

    private Append Commit(long sequence)
    {
        var append = Some.Append();
        _recent.Remember(append, Appended(sequence));
        return append;
    }

    private static Appended Appended(long sequence) => new(sequence, 100 + sequence, Some.Epoch);
}
