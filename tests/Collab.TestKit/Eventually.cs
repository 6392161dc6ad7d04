using System.Runtime.CompilerServices;

namespace Collab.TestKit;

/// <summary>The last resort: asks again and again. Only for what gives no signal to await, such as another process.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, TimeSpan?, string)" />
    public static Task TrueAsync(
        Func<bool> condition,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), timeout, what);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="condition">Asked at once, then every few milliseconds; an exception ends the wait.</param>
    /// <param name="timeout">How long to go on; <see cref="Patience.Default"/> if null.</param>
    /// <param name="what">The text of the condition, for the failure message.</param>
    /// <exception cref="TimeoutException">The condition never held.</exception>
    public static async Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var deadline = new CancellationTokenSource(timeout ?? Patience.Default);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (!await condition().WaitAsync(deadline.Token)) await timer.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"Never became true: {what}", e);
        }
    }

    /// <summary>Waits until nothing is left, for as long as it takes: a busy machine only has to make some progress before each time-out.</summary>
    /// <param name="left">How much is left.</param>
    /// <param name="timeout">How long there may be no progress; <see cref="Patience.Default"/> if null.</param>
    /// <param name="what">The text of the question, for the failure message.</param>
    /// <exception cref="TimeoutException">Something is left, and it does not get less.</exception>
    public static async Task NothingLeftAsync(
        Func<Task<long>> left,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(left))] string what = "")
    {
        for (var before = await left(); before > 0;)
        {
            var now = before;
            await TrueAsync(async () => (now = await left()) < before, timeout, $"less than {before}: {what}");
            before = now;
        }
    }
}
