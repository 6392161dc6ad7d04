using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The calls of one connection about one run take effect in the order in which they were sent, whatever each has to wait for. Calls begin
/// one after another, as SignalR begins them; while none is under way a call needs no turn, and publishes stay as fast as they are without
/// this.
/// </summary>
internal sealed class RunTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Task> _last = new(KeyedGuids.Instance);
    private volatile int _runs;

    /// <summary>Whether no call about the run is under way: the next one may take effect at once.</summary>
    public bool IsFree(Guid runId)
    {
        if (_runs == 0) return true;
        lock (_gate) return !_last.ContainsKey(runId);
    }

    /// <summary>
    /// Runs a call's effect after those of the calls before it, whether they failed or not. It has its turn when this returns.
    /// </summary>
    /// <param name="runId">The run that the call is about.</param>
    /// <param name="effect">Begins at once if nothing is before it. Its end is the next one's beginning.</param>
    public async Task<T> TakeAsync<T>(Guid runId, Func<Task<T>> effect)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Queue(runId, mine.Task);
        try
        {
            await before;
            return await effect();
        }
        finally
        {
            Leave(runId, mine.Task);
            mine.SetResult();
        }
    }

    private Task Queue(Guid runId, Task mine)
    {
        lock (_gate)
        {
            var before = _last.GetValueOrDefault(runId, Task.CompletedTask);
            _last[runId] = mine;
            _runs = _last.Count;
            return before;
        }
    }

    private void Leave(Guid runId, Task mine)
    {
        lock (_gate)
        {
            if (_last[runId] == mine) _last.Remove(runId);
            _runs = _last.Count;
        }
    }
}
