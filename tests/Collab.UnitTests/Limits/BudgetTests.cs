using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>There is never more taken than there is; who comes too late waits in order, not for ever, and not in any number.</summary>
public sealed class BudgetTests
{
    private readonly ManualTime _time = new();
    private readonly Budget _budget;

    public BudgetTests() => _budget = NewBudget(capacity: 10);

    [Fact]
    public async Task What_is_given_back_goes_to_who_has_waited_longest()
    {
        var first = await TakeAsync(7);
        var large = TakeAsync(8);
        var small = TakeAsync(1);
        Assert.False(large.IsCompleted || small.IsCompleted);

        first.Dispose();
        first.Dispose();

        await large.WaitAsync(Patience.Default);
        await small.WaitAsync(Patience.Default);
        Assert.Equal(9, _budget.Taken);
    }

    [Fact]
    public async Task More_than_there_is_takes_all()
    {
        using (await TakeAsync(1000)) Assert.Equal(10, _budget.Taken);
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public async Task Who_waits_too_long_is_refused_and_holds_nobody_up()
    {
        var first = await TakeAsync(5);
        var large = TakeAsync(10);
        _time.Advance(TimeSpan.FromSeconds(3));
        var small = TakeAsync(5);
        _time.Advance(TimeSpan.FromSeconds(2));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => large.WaitAsync(Patience.Default));
        await small.WaitAsync(Patience.Default);

        Assert.Equal(CollabErrorCode.Overloaded, refused.Code);
        Assert.NotNull(refused.RetryAfter);
        Assert.Equal((10, 0), (_budget.Taken, _budget.Waiting));
        first.Dispose();
    }

    [Fact]
    public async Task Who_gives_up_holds_nobody_up()
    {
        using var first = await TakeAsync(5);
        using var leaves = new CancellationTokenSource();
        var large = _budget.TakeAsync(10, leaves.Token).AsTask();
        var small = TakeAsync(5);

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large.WaitAsync(Patience.Default));
        await small.WaitAsync(Patience.Default);
    }

    [Fact]
    public async Task Only_so_many_wait()
    {
        using var all = await TakeAsync(10);
        var waiting = Enumerable.Range(0, 3).Select(_ => TakeAsync(1)).ToArray();

        Assert.Equal(CollabErrorCode.Overloaded, (await Assert.ThrowsAsync<RefusedException>(() => TakeAsync(1))).Code);

        all.Dispose();
        await Task.WhenAll(waiting).WaitAsync(Patience.Default);
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        var unlimited = NewBudget(capacity: 0);
        for (var i = 0; i < 100; i++) await unlimited.TakeAsync(long.MaxValue, CancellationToken.None);
    }

    [Fact]
    public async Task Nothing_is_lost_or_made_however_many_take_and_give_up_at_once()
    {
        var most = 0L;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var budget = _budget;
            for (var i = 0; i < 2_000; i++)
            {
                using var leaves = new CancellationTokenSource();
                var taking = TryAsync(() => budget.TakeAsync(1 + ((i + worker) % 10), leaves.Token));
                if (i % 3 == 0) await leaves.CancelAsync();
                using var part = await taking;
                if (part is not null) InterlockedMax(ref most, budget.Taken);
            }
        })));

        Assert.Equal((0, 0), (_budget.Taken, _budget.Waiting));
        Assert.InRange(most, 1, 10);

        static async Task<IDisposable?> TryAsync(Func<ValueTask<IDisposable>> take)
        {
            try
            {
                return await take();
            }
            catch (Exception e) when (e is RefusedException or OperationCanceledException)
            {
                return null;
            }
        }
    }

    private Budget NewBudget(long capacity) => new(capacity, maxWaiting: 3, TimeSpan.FromSeconds(5), "things", _time);

    private async Task<IDisposable> TakeAsync(long cost) => await _budget.TakeAsync(cost, CancellationToken.None);

    private static void InterlockedMax(ref long most, long value)
    {
        long before;
        while ((before = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, before) != before)
        {
            // Somebody else has seen more, or less; look again.
        }
    }
}
