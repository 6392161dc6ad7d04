using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>
/// Where everything of a run connection happens: one turn at a time, in the order in which the turns were asked for, so that nothing in it
/// needs a lock. What is awaited in a turn goes on in a later one, never in the middle of another. It owns what was begun in it, and can
/// wait for its end. A strand without work holds no thread.
/// </summary>
/// <param name="outside">Runs an action soon, elsewhere; what the application brings (token provider, handlers) runs there too.</param>
/// <param name="logger">Told of bugs.</param>
internal sealed class Strand(Action<Action> outside, ILogger logger) : TaskScheduler
{
    private readonly Lock _lock = new();
    private readonly Queue<Task> _turns = new();
    private readonly List<TaskCompletionSource> _waitingForRest = [];
    private bool _isRunning;
    private int _underWay;

    /// <summary>Turns and works that have not ended.</summary>
    public int UnderWay
    {
        get
        {
            lock (_lock) return _underWay;
        }
    }

    /// <summary>Takes a turn. Callable from anywhere.</summary>
    public void Post(Action turn) => Start(() =>
    {
        turn();
        return Task.CompletedTask;
    });

    /// <summary>Takes a turn and returns its result. Callable from anywhere but a turn that waits for it.</summary>
    public Task<T> CallAsync<T>(Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(async () =>
        {
            try
            {
                result.SetResult(await work());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    /// <summary>Begins, within a turn, work that goes on in later ones.</summary>
    public void Begin(Func<Task> work)
    {
        Enter();
        _ = EndAsync(work);
    }

    /// <summary>Runs an action of the application's soon, outside of the strand.</summary>
    public void Outside(Action action) => outside(action);

    /// <summary>Asks the application for something, outside of the strand.</summary>
    public Task<T> OutsideAsync<T>(Func<ValueTask<T>> ask)
    {
        var result = new TaskCompletionSource<T>();
        outside(() => _ = AskAsync());
        return result.Task;

        async Task AskAsync()
        {
            try
            {
                result.SetResult(await ask().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        }
    }

    /// <summary>Completes when nothing is under way.</summary>
    public Task RestAsync()
    {
        lock (_lock)
        {
            if (_underWay == 0) return Task.CompletedTask;
            var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waitingForRest.Add(rest);
            return rest.Task;
        }
    }

    /// <inheritdoc />
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _turns.Enqueue(task);
            if (_isRunning) return;
            _isRunning = true;
        }
        outside(RunTurns);
    }

    /// <summary>Never: a turn is not interrupted by another.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock) return [.. _turns];
    }

    private void RunTurns()
    {
        while (true)
        {
            Task? turn;
            lock (_lock)
            {
                if (!_turns.TryDequeue(out turn))
                {
                    _isRunning = false;
                    return;
                }
            }
            TryExecuteTask(turn);
        }
    }

    private void Start(Func<Task> work)
    {
        Enter();
        if (ExecutionContext.IsFlowSuppressed())
        {
            Queue();
            return;
        }
        // What the caller's context holds (a request, a trace) must not live as long as what begins here.
        using (ExecutionContext.SuppressFlow()) Queue();

        void Queue() => _ = Task.Factory.StartNew(() => EndAsync(work), CancellationToken.None, TaskCreationOptions.None, this);
    }

    private async Task EndAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            logger.Unexpected(e);
        }
        Leave();
    }

    private void Enter()
    {
        lock (_lock) _underWay++;
    }

    private void Leave()
    {
        TaskCompletionSource[] waiting = [];
        lock (_lock)
        {
            if (--_underWay == 0)
            {
                waiting = [.. _waitingForRest];
                _waitingForRest.Clear();
            }
        }
        foreach (var rest in waiting) rest.SetResult();
    }
}
