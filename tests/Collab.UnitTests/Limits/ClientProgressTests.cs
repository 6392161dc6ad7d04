using Collab.AspNetCore.Limits;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Limits;

/// <summary>Slow is who takes nothing for a while, not who needs long for much.</summary>
public sealed class ClientProgressTests
{
    private static readonly TimeSpan Patience = ClientProgress.Patience;

    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _write = new();
    private int _looks;
    private long? _taken = 1000;

    [Fact]
    public async Task A_client_that_takes_a_little_each_time_is_waited_for_however_long_it_needs()
    {
        var waiting = WaitAsync(() => _taken + ++_looks);
        await AdvanceUntilAsync(() => _looks > 100);
        Assert.False(waiting.IsCompleted);

        _write.SetResult();

        Assert.True(await waiting.WaitAsync(TestKit.Patience.Default));
    }

    [Theory]
    [InlineData(1000L)]
    [InlineData(null)]
    public async Task A_client_that_takes_nothing_is_given_up(long? taken)
    {
        _taken = taken;
        var waiting = WaitAsync(() => _taken);

        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.False(await waiting);
        Assert.True(_time.GetElapsedTime(0) >= Patience);
    }

    [Fact]
    public async Task A_client_that_stops_after_a_while_is_given_up_from_then_on()
    {
        var waiting = WaitAsync(() => ++_looks < 50 ? _looks : 50);

        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.False(await waiting);
        Assert.InRange(_looks, 51, 56);
    }

    [Fact]
    public async Task A_write_that_fails_is_told()
    {
        var waiting = WaitAsync(() => _taken);
        _write.SetException(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(TestKit.Patience.Default));
    }

    private Task<bool> WaitAsync(Func<long?> taken) => ClientProgress.WaitAsync(_write.Task, taken, Patience, _time).AsTask();

    private async Task AdvanceUntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TestKit.Patience.Default);
        while (!isSo())
        {
            Assert.False(patience.IsCancellationRequested);
            _time.Advance(Patience / 4);
            await Task.Yield();
        }
    }
}
