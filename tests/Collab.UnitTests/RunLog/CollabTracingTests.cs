using System.Collections.Concurrent;
using System.Diagnostics;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.RunLog;

/// <summary>
/// An event's way can be followed from its publish to its commit and on to its followers. Others trace at the same time; spans are told
/// apart by their run.
/// </summary>
public sealed class CollabTracingTests : IDisposable
{
    private readonly Guid _run = Guid.NewGuid();
    private readonly ConcurrentBag<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public CollabTracingTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == CollabTracing.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_commit_links_to_its_publishes_and_causes_its_fan_outs()
    {
        var appends = new[] { Queue(), Queue() };
        Activity? cause = null;
        Activity commit;
        using (commit = CollabTracing.StartCommit(appends, append => append.Trace)!)
        {
            CollabTracing.Note(ref cause);
        }
        using (CollabTracing.StartFanOut(ref cause, _run))
        {
        }
        appends[0].Answer(new(42, Timestamp: 0, Some.Epoch));
        appends[0].Complete();
        appends[1].Refuse(RefusedException.Unavailable());
        appends[1].Complete();

        Assert.Equal(appends.Select(a => a.Trace!.Context), commit.Links.Select(l => l.Context));
        Assert.Equal(2, commit.GetTagItem("collab.batch.size"));
        var spans = _ended.Where(a => Equals(a.GetTagItem("collab.run.id"), _run)).ToLookup(a => a.OperationName);
        Assert.Equal(commit.SpanId, Assert.Single(spans["fan-out"]).ParentSpanId);
        Assert.Equal(42L, Assert.Single(spans["publish"], p => p.Status == ActivityStatusCode.Unset).GetTagItem("collab.sequence"));
        Assert.StartsWith("[unavailable]", Assert.Single(spans["publish"], p => p.Status == ActivityStatusCode.Error).StatusDescription, StringComparison.Ordinal);
        Assert.Null(cause);
        Assert.Null(CollabTracing.StartFanOut(ref cause, _run));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_publish_is_a_child_of_its_caller_only_if_that_is_recorded(bool recorded)
    {
        using var caller = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        caller.ActivityTraceFlags = recorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        caller.Start();

        var append = Queue();
        Assert.Same(caller, Activity.Current);
        append.Complete();

        Assert.Same(caller, Activity.Current);
        Assert.Equal(recorded ? caller.SpanId : default, append.Trace!.ParentSpanId);
        Assert.True(append.Trace.Recorded);
    }

    private QueuedAppend Queue() => new(Some.Append(runId: _run), queuedAt: 0);
}
