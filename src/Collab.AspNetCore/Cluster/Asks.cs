using System.Collections.Concurrent;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Cluster;

/// <summary>The servers that were asked for the users of a run and have not answered yet. None is waited for long.</summary>
internal sealed class Asks(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, Ask> _open = new(KeyedGuids.Instance);

    /// <summary>Completes when all of them have answered, or a time has passed.</summary>
    public async ValueTask WaitAsync(Guid runId, IEnumerable<Guid> servers, TimeSpan atMost, Action ask)
    {
        var own = new Ask(servers);
        if (own.Answered.IsCompleted) return;
        _open[runId] = own;
        ask();
        await Task.WhenAny(own.Answered, Task.Delay(atMost, time, CancellationToken.None)).ConfigureAwait(false);
        _open.TryRemove(KeyValuePair.Create(runId, own));
    }

    /// <summary>A server has said who is in a run.</summary>
    public void Answered(Guid runId, Guid server)
    {
        if (_open.TryGetValue(runId, out var ask)) ask.Hear(server);
    }

    private sealed class Ask
    {
        private readonly HashSet<Guid> _missing;
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Ask(IEnumerable<Guid> servers)
        {
            _missing = [.. servers];
            if (_missing.Count == 0) _answered.SetResult();
        }

        public Task Answered => _answered.Task;

        public void Hear(Guid server)
        {
            lock (_missing)
            {
                if (_missing.Remove(server) && _missing.Count == 0) _answered.TrySetResult();
            }
        }
    }
}
