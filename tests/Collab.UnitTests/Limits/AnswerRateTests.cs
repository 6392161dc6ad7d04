using Collab.AspNetCore.Limits;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>So many answers a second; past them a request is held for a moment, only so many are held, and none is lost.</summary>
public sealed class AnswerRateTests
{
    private const int PerSecond = 4;

    private readonly ManualTime _time = new();
    private readonly AnswerRate _rate;

    public AnswerRateTests() => _rate = new(PerSecond, _time);

    [Fact]
    public void Two_seconds_worth_is_answered_at_once()
    {
        TakeAll();

        Assert.False(TakeAsync().IsCompleted);
        Assert.Equal(1, _rate.Held);
    }

    [Fact]
    public async Task What_is_held_is_answered_after_a_moment_as_far_as_there_is_something_and_else_refused()
    {
        TakeAll();
        var held = Enumerable.Range(0, 5).Select(_ => TakeAsync()).ToArray();

        _time.Advance(AnswerRate.HeldFor);

        var turns = await Task.WhenAll(held).WaitAsync(Patience.Default);
        // Four a second are one in a quarter of a second.
        Assert.Single(turns, turn => turn.RetryAfter is null);
        Assert.All(turns.Where(turn => turn.RetryAfter is not null), turn => Assert.True(turn.WasHeld));
        Assert.Equal(TimeSpan.FromSeconds(0.25), turns.Max(turn => turn.RetryAfter));
        Assert.Equal(0, _rate.Held);
    }

    [Fact]
    public async Task A_hundred_clients_without_pause_get_no_more_than_the_rate_and_are_refused_four_times_a_second_each()
    {
        var (answered, refused) = (0, 0);
        var asking = Enumerable.Range(0, 100).Select(_ => TakeAsync()).ToArray();
        for (var quarter = 0; quarter < 40; quarter++)
        {
            for (var i = 0; i < asking.Length; i++)
            {
                while (asking[i].IsCompleted) asking[i] = Count(await asking[i]);
            }
            Assert.Equal(100, _rate.Held);
            _time.Advance(AnswerRate.HeldFor);
            await Task.WhenAll(asking).WaitAsync(Patience.Default);
        }

        Assert.Equal(PerSecond * 10 + PerSecond * AnswerRate.BurstSeconds - 1, answered);
        Assert.InRange(refused, 3_900 - answered, 4_000 - answered + PerSecond * AnswerRate.BurstSeconds);

        Task<AnswerRate.Turn> Count(AnswerRate.Turn turn)
        {
            if (turn.RetryAfter is null) answered++;
            else refused++;
            return TakeAsync();
        }
    }

    [Fact]
    public async Task Only_so_many_are_held()
    {
        TakeAll();
        var held = Enumerable.Range(0, AnswerRate.MaxHeld).Select(_ => TakeAsync()).ToArray();

        var beyond = TakeAsync();

        Assert.True(beyond.IsCompletedSuccessfully);
        Assert.Equal(new(TimeSpan.FromSeconds(0.25), WasHeld: false), await beyond);
        Assert.Equal(AnswerRate.MaxHeld, _rate.Held);
        _time.Advance(AnswerRate.HeldFor);
        await Task.WhenAll(held).WaitAsync(Patience.Default);
        Assert.Equal(0, _rate.Held);
    }

    [Fact]
    public async Task A_client_that_leaves_is_held_no_longer()
    {
        TakeAll();
        using var leaves = new CancellationTokenSource();
        var held = _rate.TakeAsync(leaves.Token).AsTask();

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held.WaitAsync(Patience.Default));
        Assert.Equal(0, _rate.Held);
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        var unlimited = new AnswerRate(0, _time);
        for (var i = 0; i < 10_000; i++) Assert.Null((await unlimited.TakeAsync(CancellationToken.None)).RetryAfter);
    }

    private void TakeAll()
    {
        for (var i = 0; i < PerSecond * AnswerRate.BurstSeconds; i++)
        {
            var turn = TakeAsync();
            Assert.True(turn is { IsCompletedSuccessfully: true, Result.RetryAfter: null });
        }
    }

    private Task<AnswerRate.Turn> TakeAsync() => _rate.TakeAsync(CancellationToken.None).AsTask();
}
