using System.Diagnostics.CodeAnalysis;

namespace Collab.Client;

/// <summary>How long something is of use, and a token for what it waits for meanwhile.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A source without a timer or a linked token holds nothing.")]
internal sealed class Lifetime
{
    private readonly CancellationTokenSource _end = new();

    public CancellationToken Token => _end.Token;

    public bool IsOver => _end.IsCancellationRequested;

    public void End() => _end.Cancel();
}

internal static class Waiting
{
    /// <inheritdoc cref="UntilAsync{T}(Task{T}, CancellationToken)" />
    public static Task<T> UntilAsync<T>(this Task<T> task, Lifetime life) => task.UntilAsync(life.Token);

    /// <summary>Waits for a task, but no longer than that. How a task ends for which nobody waits any more is of no interest, and no unobserved failure.</summary>
    public static Task<T> UntilAsync<T>(this Task<T> task, CancellationToken stop)
    {
        task.Observe();
        return task.WaitAsync(stop);
    }

    /// <summary>Nobody has to look at the failure of this task.</summary>
    public static void Observe(this Task task) =>
        _ = task.ContinueWith(static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
