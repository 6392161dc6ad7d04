using Collab.Client;
using Collab.ClientTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>One thing at a time, in the order in which it was asked for.</summary>
public sealed class StrandTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public async Task Turns_of_many_threads_never_overlap_and_keep_each_threads_order()
    {
        var strand = NewStrand();
        var (inside, overlaps) = (0, 0);
        var seen = new List<(int Thread, int Number)>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var number = 0; number < 500; number++)
            {
                var turn = (thread, number);
                strand.Post(() =>
                {
                    if (Interlocked.Increment(ref inside) != 1) overlaps++;
                    seen.Add(turn);
                    Interlocked.Decrement(ref inside);
                });
            }
        })));
        await strand.RestAsync();

        Assert.Equal(0, overlaps);
        Assert.Equal(4000, seen.Count);
        Assert.All(seen.GroupBy(turn => turn.Thread), turns => Assert.Equal(Enumerable.Range(0, 500), turns.Select(turn => turn.Number)));
    }

    [Fact]
    public void What_is_awaited_goes_on_in_a_later_turn_even_if_it_completes_within_one() => Pump.Run(() =>
    {
        var pump = new Pump();
        var strand = new Strand(pump.Post, NullLogger.Instance);
        var awaited = new TaskCompletionSource();
        var seen = new List<string>();
        strand.Post(() => strand.Begin(async () =>
        {
            await awaited.Task;
            seen.Add("continued");
        }));
        pump.Settle();

        strand.Post(() =>
        {
            awaited.SetResult();
            seen.Add("completed");
        });
        pump.Settle();

        Assert.Equal(["completed", "continued"], seen);
    });

    [Fact]
    public async Task A_turn_that_fails_keeps_nothing_from_the_next()
    {
        var strand = NewStrand();
        strand.Post(() => throw new InvalidOperationException("A bug."));

        Assert.Equal(5, await strand.CallAsync(() => Task.FromResult(5)));
        await Assert.ThrowsAsync<NotSupportedException>(() => strand.CallAsync<int>(() => throw new NotSupportedException()));
        await strand.RestAsync();
        Assert.Equal(0, strand.UnderWay);
    }

    [Fact]
    public async Task What_the_callers_context_holds_does_not_enter()
    {
        var strand = NewStrand();
        Ambient.Value = "request";

        Assert.Null(await strand.CallAsync(() => Task.FromResult(Ambient.Value)));
        Assert.Equal("request", Ambient.Value);
    }

    [Fact]
    public void An_alarm_that_was_stopped_before_its_turn_does_nothing() => Pump.Run(() =>
    {
        var pump = new Pump();
        var time = new SteppedTime(pump);
        var strand = new Strand(pump.Post, NullLogger.Instance);
        var rings = 0;
        var alarm = new Alarm(strand, time, () => rings++);
        strand.Post(() => alarm.Set(TimeSpan.FromSeconds(1)));
        pump.Settle();

        // The turn that stops it was asked for before it rings, and comes first.
        strand.Post(() => alarm.Set(TimeSpan.FromSeconds(5)));
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, rings);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, rings);
        Assert.False(alarm.IsSet);
        Assert.Equal(0, time.Running);
    });

    private static Strand NewStrand() =>
        new(action => ThreadPool.UnsafeQueueUserWorkItem(static action => action(), action, preferLocal: false), NullLogger.Instance);
}
