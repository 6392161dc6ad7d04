using Collab.AspNetCore.Events;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>Each sink gets what is durable, once, as the same event.</summary>
public sealed class CommitSinksTests
{
    private static readonly Guid Other = Guid.NewGuid();
    private readonly Sink _feeds = new(Some.Run);
    private readonly Sink _bus = new(Some.Run, Other);

    [Fact]
    public void All_sinks_get_the_one_event_and_nothing_is_serialised_that_none_takes()
    {
        Append[] appends = [Some.Append(), Some.Append(runId: Guid.NewGuid()), Some.Append(runId: Other)];

        new CommitSinks([_feeds, _bus], NullLogger.Instance).Commit(appends, [At(1), At(2), At(3)]);

        Assert.Equal([1, 3], _bus.Committed.Select(c => c.Event.Sequence));
        Assert.Equal(_bus.Committed, _feeds.Committed);
        Assert.Equal((Other, Some.Epoch), (_bus.Committed[1].RunId, _bus.Committed[1].Epoch));
    }

    [Fact]
    public void An_event_of_a_type_that_no_sink_takes_is_not_serialised_and_not_told()
    {
        var flags = new Sink(Some.Run) { EventType = "FLAG" };
        Append[] appends = [Some.Append() with { EventType = "FLAG" }, Some.Append() with { EventType = "PRUNE" }];

        new CommitSinks([flags], NullLogger.Instance).Commit(appends, [At(1), At(2)]);

        Assert.Equal([1], flags.Committed.Select(c => c.Event.Sequence));
    }

    [Fact]
    public void A_repeat_is_told_by_its_number_and_an_id_of_another_event_is_not_told()
    {
        var sinks = new CommitSinks([_feeds], NullLogger.Instance);

        sinks.Commit([Some.Append(), Some.Append(), Some.Append()], [At(7, Found.Itself), At(8, Found.Another), At(9)]);

        Assert.Equal([7], _feeds.Found);
        Assert.Equal([9], _feeds.Committed.Select(c => c.Event.Sequence));
    }

    [Fact]
    public void A_sink_that_fails_keeps_nothing_from_the_others()
    {
        _feeds.Fails = true;

        new CommitSinks([_feeds, _bus], NullLogger.Instance).Commit([Some.Append()], [At(1)]);

        Assert.Single(_bus.Committed);
    }

    [Fact]
    public void A_flush_has_all_commits_since_the_last_one()
    {
        var sinks = new CommitSinks([_feeds], NullLogger.Instance);
        sinks.Commit([Some.Append()], [At(1)]);
        sinks.Commit([Some.Append(), Some.Append()], [At(2), At(3)]);

        sinks.Flush();
        Assert.Equal([1, 2, 3], _feeds.Committed.Select(c => c.Event.Sequence));
        Assert.Equal([1, 2, 3], _feeds.Flushed.Select(c => c.Event.Sequence));
        sinks.Flush();
        Assert.Equal(3, _feeds.Flushed.Count);
    }

    private static Appended At(long sequence, Found found = Found.Nothing) => new(sequence, 1_760_000_000_000, Some.Epoch, found);

    private sealed class Sink(params Guid[] runs) : ICommitSink
    {
        public bool Fails { get; set; }

        public List<Commit> Committed { get; } = [];

        public List<Commit> Flushed { get; } = [];

        public List<long> Found { get; } = [];

        /// <summary>The type that it takes; null: any.</summary>
        public string? EventType { get; init; }

        public bool Takes(Guid runId, string eventType) => runs.Contains(runId) && (EventType ?? eventType) == eventType;

        void ICommitSink.Committed(ReadOnlySpan<Commit> commits)
        {
            if (Fails) throw new InvalidOperationException("broken");
            Committed.AddRange(commits);
        }

        void ICommitSink.Found(Guid runId, long sequence) => Found.Add(sequence);

        public void Flush(ReadOnlySpan<Commit> commits) => Flushed.AddRange(commits);
    }
}
