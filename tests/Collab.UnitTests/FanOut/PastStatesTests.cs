using System.Text;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>However many ask for a run's past, and for whichever moments, one reading at a time serves those who wait, and few read at once.</summary>
public sealed class PastStatesTests : IDisposable
{
    private readonly SlowStore _store = new();
    private readonly KnownStates _known = new(TimeProvider.System);
    private readonly PastStates _past;

    public PastStatesTests()
    {
        var options = Some.Options(o => o.Limits.StoreReads = 2);
        _past = new(_store, new ServerLimits(options, new ManualTime()), _known, options);
    }

    public void Dispose()
    {
        _known.Dispose();
        _store.GoOn.TrySetResult();
        _store.GoOnFurther.TrySetResult();
    }

    [Fact]
    public async Task One_reading_serves_all_who_wait_for_the_run_each_with_its_moment()
    {
        var first = ReadAsync(Some.Run, 3);
        await _store.Started.WaitForAsync(all => all.Count >= 1);
        var others = Enumerable.Range(1, 32).Select(n => ReadAsync(Some.Run, n % 10)).ToArray();

        _store.GoOn.SetResult();

        Assert.Equal("PM3", await first);
        Assert.Equal(Enumerable.Range(1, 32).Select(n => n % 10 == 0 ? "" : $"PM{n % 10}"), await Task.WhenAll(others));
        Assert.Equal(2, _store.Started.All.Length);
    }

    [Fact]
    public async Task Few_runs_are_read_at_once()
    {
        var reading = Enumerable.Range(0, 20).Select(_ => ReadAsync(Guid.NewGuid(), 1)).ToArray();
        await _store.Started.WaitForAsync(all => all.Count >= 2);

        _store.GoOn.SetResult();

        await Task.WhenAll(reading);
        Assert.Equal(20, _store.Started.All.Length);
        Assert.Equal(2, _store.MostAtOnce);
    }

    [Fact]
    public async Task A_moment_that_is_not_there_is_refused_and_costs_the_others_nothing()
    {
        _store.GoOn.SetResult();
        var good = ReadAsync(Some.Run, 10);
        var bad = ReadAsync(Some.Run, 11);

        Assert.Equal("PM10", await good);
        Assert.StartsWith("[invalid_event] asOfSequence must be from 0 to 10", (await Assert.ThrowsAsync<RefusedException>(() => bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moment_that_has_passed_by_is_answered_while_the_reading_goes_on()
    {
        _store.StopsBefore = 6;
        var early = ReadAsync(Some.Run, 4);
        var late = ReadAsync(Some.Run, 9);
        _store.GoOn.SetResult();

        Assert.Equal("PM4", await early);
        Assert.False(late.IsCompleted);

        _store.GoOnFurther.SetResult();
        Assert.Equal("PM9", await late);
    }

    [Fact]
    public async Task A_reading_that_fails_on_the_way_fails_those_who_wait_for_the_rest()
    {
        _store.StopsBefore = 6;
        var early = ReadAsync(Some.Run, 4);
        var late = ReadAsync(Some.Run, 9);
        _store.GoOn.SetResult();

        Assert.Equal("PM4", await early);
        _store.GoOnFurther.SetException(new StoreException(StoreFailure.Unavailable, new TimeoutException()));
        await Assert.ThrowsAsync<StoreException>(() => late);
    }

    [Fact]
    public async Task After_a_reading_that_failed_the_next_one_reads_again()
    {
        _store.GoOn.SetResult();
        _store.Fails = true;
        await Assert.ThrowsAsync<StoreException>(() => ReadAsync(Some.Run, 5));
        _store.Fails = false;

        Assert.Equal("PM5", await ReadAsync(Some.Run, 5));
    }

    [Fact]
    public async Task What_was_asked_for_before_is_not_read_again_and_what_comes_after_it_is_read_from_there()
    {
        _store.GoOn.SetResult();
        _store.Events = 100;
        Assert.Equal("PM60", await ReadAsync(Some.Run, 60));

        Assert.Equal("PM60", await ReadAsync(Some.Run, 60));
        Assert.Equal(60, _store.Read);

        Assert.Equal("PM80", await ReadAsync(Some.Run, 80));
        Assert.Equal(60 + 20, _store.Read);

        // Before the first known one there is nothing to begin from.
        Assert.Equal("PM20", await ReadAsync(Some.Run, 20));
        Assert.Equal(60 + 20 + 20, _store.Read);
    }

    [Fact]
    public async Task What_lies_between_known_states_and_wanted_ones_is_left_out()
    {
        _store.Events = 100;
        var first = ReadAsync(Some.Run, 5);
        await _store.Started.WaitForAsync(all => all.Count >= 1);
        var known = new[] { 30, 60, 90 }.Select(n => ReadAsync(Some.Run, n)).ToArray();
        _store.GoOn.SetResult();
        Assert.Equal("PM5", await first);
        Assert.Equal(["PM30", "PM60", "PM90"], await Task.WhenAll(known));
        var read = _store.Read;

        Assert.Equal(["PM32", "PM62", "PM65", "PM98"], await Task.WhenAll(new[] { 32, 62, 65, 98 }.Select(n => ReadAsync(Some.Run, n))));

        Assert.InRange(_store.Read - read, 2 + 5 + 8, 2 + 5 + 8 + 8);
    }

    [Fact]
    public async Task A_run_that_has_begun_anew_has_another_past()
    {
        _store.GoOn.SetResult();
        Assert.Equal("PM6", await ReadAsync(Some.Run, 6));
        (_store.Epoch, _store.Step) = (Guid.NewGuid(), "QA");

        Assert.Equal("QA6", await ReadAsync(Some.Run, 6));
        Assert.Equal("QA7", await ReadAsync(Some.Run, 7));
    }

    [Fact]
    public async Task A_moment_that_is_not_there_has_nothing_read()
    {
        _store.GoOn.SetResult();

        await Assert.ThrowsAsync<RefusedException>(() => ReadAsync(Some.Run, 11));
        await Assert.ThrowsAsync<RefusedException>(() => ReadAsync(Some.Run, -1));

        Assert.Equal(0, _store.Read);
    }

    /// <summary>The step that was pruned last.</summary>
    private async Task<string> ReadAsync(Guid runId, long sequence)
    {
        var state = System.Text.Json.JsonElement.Parse(await _past.ReadAsync(runId, sequence, CancellationToken.None).AsTask().WaitAsync(Patience.Default));
        Assert.Equal(sequence, state.GetProperty("asOfSequence").GetInt64());
        return state.GetProperty("prunedSteps").EnumerateArray().LastOrDefault() is { ValueKind: not System.Text.Json.JsonValueKind.Undefined } last ? last.GetString()! : "";
    }

    /// <summary>Every run has ten events, each of which prunes another step.</summary>
    private sealed class SlowStore : EmptyStore
    {
        private int _atOnce, _read;

        public Arrivals<Guid> Started { get; } = new();

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOnFurther { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The event before which it waits to go on further.</summary>
        public int StopsBefore { get; set; }

        public bool Fails { get; set; }

        public int MostAtOnce { get; private set; }

        public int Events { get; set; } = 10;

        public Guid Epoch { get; set; } = Some.Epoch;

        public string Step { get; set; } = "PM";

        /// <summary>How many events were read of all runs.</summary>
        public int Read => Volatile.Read(ref _read);

        public override async ValueTask FoldAsync(Guid runId, Moments moments, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            Started.Add(runId);
            await GoOn.Task;
            Interlocked.Decrement(ref _atOnce);
            if (Fails) throw new StoreException(StoreFailure.Unavailable, new TimeoutException());
            moments.Found(Epoch, 0, Events);
            foreach (var (start, after, upTo) in moments.Stretches)
            {
                var state = StateFold.Parse(start ?? "{}"u8);
                Assert.Equal(after, state.AsOfSequence);
                for (var n = (int)after + 1; n <= Math.Min(Events, upTo); n++)
                {
                    if (n == StopsBefore) await GoOnFurther.Task;
                    moments.Before(n, state);
                    state.Apply(n, "PRUNE", "alice", Encoding.UTF8.GetBytes($$"""{"stepId":"{{Step}}{{n}}","isPruned":true}"""));
                    Interlocked.Increment(ref _read);
                }
                moments.Before(upTo + 1, state);
            }
        }
    }
}
