using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Limits;

/// <summary>
/// So much of something at a time over the whole server, in bytes or in pieces of work. Past it callers wait for their turn, in the order
/// in which they came, a bounded number of them and for a bounded time; then it is <c>overloaded</c>.
/// </summary>
/// <param name="capacity">How much at a time; 0: no limit.</param>
/// <param name="maxWaiting">How many callers may wait.</param>
/// <param name="patience">How long each of them waits.</param>
/// <param name="what">What there is too much of, in the sentence of the refusal.</param>
/// <param name="time">The clock of the waits.</param>
internal sealed class Budget(long capacity, int maxWaiting, TimeSpan patience, string what, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly long _capacity = capacity;
    private long _left = capacity;

    /// <summary>How many callers wait.</summary>
    public int Waiting { get { lock (_gate) return _waiting.Count; } }

    /// <summary>How much is taken.</summary>
    public long Taken { get { lock (_gate) return _capacity - _left; } }

    /// <summary>Takes a part until the result is disposed of. One that is larger than all there is takes all.</summary>
    /// <exception cref="RefusedException"><c>overloaded</c>: too many wait, or it was waited for too long.</exception>
    public ValueTask<IDisposable> TakeAsync(long cost, CancellationToken cancellationToken)
    {
        if (_capacity == 0) return new(new Part(null, 0));
        cost = Math.Clamp(cost, 0, _capacity);
        Waiter waiter;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _left >= cost)
            {
                _left -= cost;
                return new(new Part(this, cost));
            }
            if (_waiting.Count >= maxWaiting) throw Overloaded();
            waiter = new(cost);
            _waiting.AddLast(waiter.Place);
        }
        return new(WaitAsync(waiter, cancellationToken));
    }

    private async Task<IDisposable> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Turn.Task.WaitAsync(patience, time, cancellationToken);
            return new Part(this, waiter.Cost);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            GiveUp(waiter);
            if (e is TimeoutException) throw Overloaded();
            throw;
        }
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place.List is not null) _waiting.Remove(waiter.Place);
            else _left += waiter.Cost;
            Admit();
        }
    }

    private void GiveBack(long cost)
    {
        lock (_gate)
        {
            _left += cost;
            Admit();
        }
    }

    private void Admit()
    {
        while (_waiting.First is { Value: var next } && next.Cost <= _left)
        {
            _waiting.RemoveFirst();
            _left -= next.Cost;
            next.Turn.SetResult();
        }
    }

    private RefusedException Overloaded() =>
        new(CollabErrorCode.Overloaded, $"The server has too many {what}. Try again.", TimeSpan.FromSeconds(1));

    private sealed class Waiter
    {
        public Waiter(long cost) => (Cost, Place) = (cost, new(this));

        public long Cost { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Part(Budget? owner, long cost) : IDisposable
    {
        private Budget? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.GiveBack(cost);
    }
}
