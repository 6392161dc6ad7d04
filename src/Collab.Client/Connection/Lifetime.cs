using System.Diagnostics.CodeAnalysis;

namespace Collab.Client;

/// <summary>How long something is of use, and a token for what it waits for meanwhile.</summary>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "A source without a timer or a linked token holds nothing.")]
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

    /// <summary>
    /// Waits for a task, but no longer than that. How it ends is no unobserved failure, whether or not anybody waits for it.
    /// </summary>
    public static Task<T> UntilAsync<T>(this Task<T> task, CancellationToken stop)
    {
        task.Observe();
        var until = task.WaitAsync(stop);
        if (until != task) until.Observe();
        return until;
    }

    /// <summary>Nobody has to look at the failure of this task.</summary>
    public static void Observe(this Task task) =>
        _ = task.ContinueWith(
            static failed => failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
