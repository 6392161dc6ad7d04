using Collab.AspNetCore.Events;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Runs' states as they were. The store has the fold of the events that are gone and every event since, so each later moment can be made
/// from them, or from one that was asked for before. That can read all that is kept of a run, so one reading at a time serves all who wait
/// for that run, whichever moments they want.
/// </summary>
internal sealed class PastStates(
    IRunStore store, ServerLimits limits, KnownStates known, IOptions<CollabOptions> options)
{
    /// <summary>
    /// How many events of a run clients see. The trimmer lets the store have some more, which is not promised to anybody.
    /// </summary>
    private readonly int _keep = options.Value.Retention.EventsPerRun;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Pass> _last = new(KeyedGuids.Instance);

    /// <exception cref="RefusedException">
    /// <c>invalid_event</c>: no such moment, or none that is kept. <c>overloaded</c>: the store has too much to read.
    /// </exception>
    public async ValueTask<byte[]> ReadAsync(Guid runId, long sequence, CancellationToken cancellationToken)
    {
        Pass pass;
        Task<byte[]> state;
        lock (_gate)
        {
            if (!_last.TryGetValue(runId, out var last) || last.HasBegun)
            {
                var next = new Pass(new(runId, known));
                next.Task = ReadAsync(runId, next, last?.Task ?? Task.CompletedTask);
                _last[runId] = last = next;
            }
            pass = last;
            state = pass.Moments.Want(sequence);
        }
        var range = await pass.Moments.Range.WaitAsync(cancellationToken);
        var first = Math.Max(range.Folded, range.Last - _keep);
        return sequence >= first && sequence <= range.Last
            ? await state.WaitAsync(cancellationToken)
            : throw RefusedException.Invalid(
                $"asOfSequence must be from {first} to {range.Last}: what came before is only known as a whole.");
    }

    /// <summary>Does not fail: those who wait are told.</summary>
    private async Task ReadAsync(Guid runId, Pass pass, Task before)
    {
        // The caller holds the lock, and has yet to say which moment it wants.
        await Task.Yield();
        var moments = pass.Moments;
        try
        {
            await before;
            using var turn = await limits.StoreReads.TakeAsync(1, CancellationToken.None);
            Begin(pass);
            await store.FoldAsync(runId, moments, CancellationToken.None);
        }
        catch (Exception e)
        {
            Begin(pass);
            moments.Fail(e);
        }
        finally
        {
            lock (_gate)
            {
                if (_last.GetValueOrDefault(runId) == pass) _last.Remove(runId);
            }
        }
    }

    private void Begin(Pass pass)
    {
        lock (_gate)
        {
            if (!pass.HasBegun) pass.Moments.Begin();
            pass.HasBegun = true;
        }
    }

    private sealed class Pass(Moments moments)
    {
        public Task Task { get; set; } = Task.CompletedTask;

        public Moments Moments => moments;

        public bool HasBegun { get; set; }
    }
}
