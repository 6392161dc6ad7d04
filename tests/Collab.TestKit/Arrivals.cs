using System.Globalization;
using System.Runtime.CompilerServices;

namespace Collab.TestKit;

/// <summary>
/// What has arrived so far, in order, and a way to await more of it. Each arrival is shown to whoever waits, so that no test polls or sleeps.
/// </summary>
/// <typeparam name="T">What arrives: events, lines of a log.</typeparam>
/// <param name="capacity">How many are kept; the oldest go first.</param>
public sealed class Arrivals<T>(int capacity = int.MaxValue)
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private readonly List<Waiter> _waiters = [];
    private string? _end;

    /// <summary>Everything that is kept, oldest first.</summary>
    public T[] All
    {
        get
        {
            lock (_lock) return [.. _items];
        }
    }

    /// <summary>Adds what arrived together.</summary>
    public void Add(params IReadOnlyList<T> items)
    {
        lock (_lock)
        {
            _items.AddRange(items);
            if (_items.Count > capacity) _items.RemoveRange(0, _items.Count - capacity);
            _waiters.RemoveAll(waiter => waiter.TryComplete(_items));
        }
    }

    /// <summary>Says that nothing more will arrive: whoever waits, now or later, for what is not there fails with this reason.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            _end ??= reason;
            foreach (var waiter in _waiters) waiter.Fail(Ended());
            _waiters.Clear();
        }
    }

    /// <summary>Waits until enough has arrived.</summary>
    /// <param name="enough">Asked about everything that is kept, at once and after each arrival. It must not block.</param>
    /// <param name="timeout">How long to wait; <see cref="Patience.Default"/> if null.</param>
    /// <param name="condition">The text of <paramref name="enough"/>, for the failure message.</param>
    /// <returns>Everything that was kept at that moment.</returns>
    /// <exception cref="TimeoutException">It did not arrive in time.</exception>
    /// <exception cref="InvalidOperationException">It did not arrive, and nothing more will.</exception>
    public async Task<T[]> WaitForAsync(
        Func<IReadOnlyList<T>, bool> enough,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(enough))] string condition = "")
    {
        var waiter = new Waiter(enough, condition);
        lock (_lock)
        {
            if (!waiter.TryComplete(_items))
            {
                if (_end is not null) throw Ended();
                _waiters.Add(waiter);
            }
        }

        try
        {
            return await waiter.Task.WaitAsync(timeout ?? Patience.Default);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Waited in vain for `{condition}`. {Summary()}", e);
        }
        finally
        {
            lock (_lock) _waiters.Remove(waiter);
        }
    }

    private InvalidOperationException Ended() => new($"{_end} {Summary()}");

    private string Summary()
    {
        var last = All.TakeLast(20).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"The last {last.Length} that arrived:\n{string.Join('\n', last)}");
    }

    private sealed class Waiter(Func<IReadOnlyList<T>, bool> enough, string condition)
    {
        private readonly TaskCompletionSource<T[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T[]> Task => _completion.Task;

        public void Fail(Exception reason) => _completion.TrySetException(reason);

        public bool TryComplete(List<T> items)
        {
            try
            {
                return enough(items) && _completion.TrySetResult([.. items]);
            }
            catch (Exception e)
            {
                return _completion.TrySetException(new InvalidOperationException($"`{condition}` failed.", e));
            }
        }
    }
}
