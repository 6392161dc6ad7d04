using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>
/// What a writer does after each outcome. Events are written as a run's letter and their number in it: <c>a1 a2 b1</c>; an atomic group is in
/// brackets, and an attempt on runs that were seen to be held has an exclamation mark.
/// </summary>
public sealed class CommitPlanTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    [Theory]
    // Committed.
    [InlineData("a1 b1 a2", "Committed", "Accept")]
    [InlineData("a1!", "Committed", "Accept")]
    // Without an answer: the same again, until it has been long enough.
    [InlineData("a1 b1", "Unanswered", "Retry")]
    [InlineData("a1 b1!", "Unanswered", "Retry")]
    // Rejected: halves, until the culprit stands alone.
    [InlineData("a1 b1 a2", "Rejected", "Split: a1 | b1 a2")]
    [InlineData("a1 a2 a3 a4!", "Rejected", "Split: a1 a2 | a3 a4")]
    [InlineData("a1", "Rejected", "RefuseRejected")]
    // A group is on one side of the cut, and refused whole.
    [InlineData("(a1 a2 a3)", "Rejected", "RefuseRejected")]
    [InlineData("(a1 a2 a3) b1", "Rejected", "Split: (a1 a2 a3) | b1")]
    [InlineData("b1 (a1 a2 a3)", "Rejected", "Split: b1 | (a1 a2 a3)")]
    [InlineData("b1 (a1 a2) c1", "Rejected", "Split: b1 | (a1 a2) c1")]
    [InlineData("(a1 a2 a3) (a4 a5)", "Rejected", "Split: (a1 a2 a3) | (a4 a5)")]
    [InlineData("(a1 a2)", "Unanswered", "Retry")]
    // Held, and the store says by whom: the others go on without it.
    [InlineData("a1 b1 a2 c1", "Locked b", "Split: a1 a2 c1 | b1!")]
    [InlineData("a1 b1 a2 c1", "Locked a c", "Split: b1 | a1 a2 c1!")]
    [InlineData("a1 b1 a2 c1", "Locked c x", "Split: a1 b1 a2 | c1!")]
    // All of it is held: once more, and no third time.
    [InlineData("a1 b1", "Locked a b", "Split: a1 b1!")]
    [InlineData("a1 b1!", "Locked a b", "RefuseStuck")]
    [InlineData("a1 b1!", "Locked b", "Split: a1 | b1!")]
    // Held, and nobody can see which: halves of the runs, whose events stay together.
    [InlineData("a1 b1 a2 c1", "Locked", "Split: a1 a2 | b1 c1")]
    [InlineData("a1 b1", "Locked x", "Split: a1 | b1")]
    [InlineData("c1 (a1 a2) b1 a3", "Locked a", "Split: c1 b1 | (a1 a2) a3!")]
    [InlineData("(a1 a2) b1", "Locked", "Split: (a1 a2) | b1")]
    [InlineData("a1 a2", "Locked", "Split: a1 a2!")]
    [InlineData("a1 a2!", "Locked", "RefuseStuck")]
    public void An_outcome_says_what_is_next(string part, string outcome, string expected) =>
        Assert.Equal(expected, Text(CommitPlan.Next(Part(part), Outcome(outcome), Soon, Soon)));

    [Theory]
    [InlineData("a1 b1", "Unanswered", 2000, 2000, "Retry")]
    [InlineData("a1 b1", "Unanswered", 2001, 2001, "RefuseAll")]
    // A part that was tried late has its own time to be answered.
    [InlineData("a1 b1", "Unanswered", 100, 60_000, "Retry")]
    [InlineData("a1 b1", "Locked a", 100, 5000, "Split: b1 | a1!")]
    [InlineData("a1 b1", "Locked a", 100, 5001, "RefuseLocked")]
    [InlineData("a1 b1", "Locked", 100, 5001, "RefuseLocked")]
    // What is known by then is told as it is.
    [InlineData("a1!", "Locked", 100, 5001, "RefuseStuck")]
    [InlineData("a1 b1!", "Locked a b", 100, 5001, "RefuseStuck")]
    [InlineData("a1", "Rejected", 100, 60_000, "RefuseRejected")]
    [InlineData("a1 b1", "Rejected", 100, 60_000, "Split: a1 | b1")]
    [InlineData("a1 b1", "Committed", 60_000, 60_000, "Accept")]
    public void Time_ends_what_would_hold_up_the_queue(string part, string outcome, int partAge, int batchAge, string expected) => Assert.Equal(
        expected,
        Text(CommitPlan.Next(Part(part), Outcome(outcome), TimeSpan.FromMilliseconds(partAge), TimeSpan.FromMilliseconds(batchAge))));

    [Theory]
    [InlineData("a1 b1 a2", "", "Split: a1 b1 a2")]
    [InlineData("a1 b1 a2", "x", "Split: a1 b1 a2")]
    [InlineData("a1 b1 a2 c1", "a", "Split: b1 c1 | a1 a2!")]
    [InlineData("(a1 a2) b1", "a", "Split: b1 | (a1 a2)!")]
    [InlineData("a1 b1 a2", "a b", "Split: a1 b1 a2!")]
    public void A_batch_begins_with_the_runs_that_were_not_stuck(string batch, string stuck, string expected)
    {
        var runs = new StuckRuns(new ManualTime());
        foreach (var run in stuck.Split(' ', StringSplitOptions.RemoveEmptyEntries)) runs.Add(RunOf(run));

        Assert.Equal(expected, Text(CommitPlan.Begin(Part(batch).Appends, runs)));
    }

    [Fact]
    public void One_of_256_is_found_by_eight_halvings_and_all_others_are_tried_without_it()
    {
        var culprit = Event("a77");
        var (parts, accepted, refused, splits) = (new Stack<Part>([Part(string.Join(' ', Enumerable.Range(1, 256).Select(n => $"a{n}")))]), 0, 0, 0);
        while (parts.TryPop(out var part))
        {
            var outcome = part.Appends.Any(a => a.Append.MessageId == culprit.MessageId) ? "Rejected" : "Committed";
            var step = CommitPlan.Next(part, Outcome(outcome), Soon, Soon);
            if (step.Verdict == Verdict.Accept) accepted += part.Appends.Count;
            if (step.Verdict == Verdict.RefuseRejected) refused++;
            if (step.Verdict == Verdict.Split) splits++;
            step.PushTo(parts);
        }

        Assert.Equal((255, 1, 8), (accepted, refused, splits));
    }

    [Fact]
    public void A_stores_failure_says_how_the_attempt_ended_and_any_other_is_a_rejection()
    {
        Assert.Equal(OutcomeKind.Unanswered, Kind(new StoreException(StoreFailure.Unavailable, new TimeoutException())));
        Assert.Equal(OutcomeKind.Locked, Kind(new StoreException(StoreFailure.Locked, new TimeoutException())));
        Assert.Equal(OutcomeKind.Rejected, Kind(new StoreException(StoreFailure.Rejected, new TimeoutException())));
        Assert.Equal(OutcomeKind.Rejected, Kind(new InvalidOperationException()));

        static OutcomeKind Kind(Exception failure) => AspNetCore.RunLog.Outcome.Of(failure).Kind;
    }

    [Theory]
    [InlineData("a1 (a2 a3) b1 (b2 b3 b4)", "1+2 4+3")]
    [InlineData("(a1 a2) (a3 a4)", "0+2 2+2")]
    [InlineData("a1 b1", "")]
    public void The_store_is_told_which_events_belong_together(string part, string expected)
    {
        var groups = new List<AppendsTogether> { new(7, 7, IsAtomic: true) };

        Part(part).FindGroups(groups);

        Assert.Equal(expected, string.Join(' ', groups.Select(g => $"{g.Start}+{g.Count}")));
        Assert.All(groups, group => Assert.True(group.IsAtomic));
    }

    [Fact]
    public void Whichever_event_is_at_fault_no_cut_goes_through_a_group_and_only_its_own_is_refused()
    {
        const string Batch = "a1 (a2 a3 a4) b1 (b2 b3) c1 c2 (a5 a6 a7 a8 a9) b4 (c3 c4)";
        var names = Batch.Split(' ', '(', ')').Where(name => name != "").ToArray();
        foreach (var culprit in names.Select(Event))
        {
            var (parts, accepted, refused) = (new Stack<Part>([Part(Batch)]), 0, new List<QueuedAppend>());
            while (parts.TryPop(out var part))
            {
                Assert.All(part.Appends, a => Assert.Subset(part.Appends.ToHashSet(), (a.Group?.Members ?? [a]).ToHashSet()));
                var step = CommitPlan.Next(part, Outcome(part.Appends.Any(a => Same(a.Append, culprit)) ? "Rejected" : "Committed"), Soon, Soon);
                if (step.Verdict == Verdict.Accept) accepted += part.Appends.Count;
                if (step.Verdict == Verdict.RefuseRejected) refused.AddRange(part.Appends);
                step.PushTo(parts);
            }

            var its = refused.Single(a => Same(a.Append, culprit));
            Assert.Equal(its.Group?.Members ?? [its], refused);
            Assert.Equal(names.Length, accepted + refused.Count);
        }
    }

    private static bool Same(Append one, Append other) => (one.RunId, one.MessageId) == (other.RunId, other.MessageId);

    private static Part Part(string text)
    {
        var appends = new List<QueuedAppend>();
        foreach (var word in text.TrimEnd('!').Split('(', ')').Select((words, n) => (Names: words.Trim().Split(' '), IsGroup: n % 2 == 1)))
        {
            var events = word.Names.Where(name => name != "").Select(Event).ToList();
            appends.AddRange(word.IsGroup ? new AppendGroup(events, isAtomic: true, 0).Members : events.Select(e => new QueuedAppend(e, queuedAt: 0)));
        }
        return new(appends, IsHeld: text.EndsWith('!'));
    }

    private static Append Event(string name) => Some.Append(new Guid(int.Parse(name[1..], null), 0, 0, new byte[8]), RunOf(name));

    private static Guid RunOf(string name) => new(name[0], 0, 0, new byte[8]);

    private static Outcome Outcome(string text)
    {
        var words = text.Split(' ');
        var kind = Enum.Parse<OutcomeKind>(words[0]);
        if (kind == OutcomeKind.Committed) return new(kind);
        var locked = new StoreException(StoreFailure.Locked, new TimeoutException()) { LockedRuns = [.. words.Skip(1).Select(RunOf)] };
        return new(kind, Failure: locked);
    }

    private static string Text(Step step)
    {
        var parts = new[] { step.First, step.Last }.OfType<Part>().Select(Text).ToArray();
        return parts.Length == 0 ? $"{step.Verdict}" : $"{step.Verdict}: {string.Join(" | ", parts)}";
    }

    private static string Text(Part part)
    {
        var events = part.Appends.Select(a =>
            (a == a.Group?.Members[0] ? "(" : "")
            + $"{(char)a.RunId.ToByteArray()[0]}{BitConverter.ToInt32(a.Append.MessageId.ToByteArray())}"
            + (a == a.Group?.Members[^1] ? ")" : ""));
        return string.Join(' ', events) + (part.IsHeld ? "!" : "");
    }
}
