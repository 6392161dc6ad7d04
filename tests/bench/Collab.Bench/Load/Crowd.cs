namespace Collab.Bench.Load;

/// <summary>All connections of one measurement.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int ConnectAtOnce = 32;

    private readonly Target _target;
    private readonly List<Publisher> _publishers = [];
    private readonly List<Task> _loops = [];
    private readonly PeriodicTimer _keepAlive = new(TimeSpan.FromSeconds(10));

    private Crowd(Target target) => _target = target;

    public List<Follower> Followers { get; } = [];

    public long Received => Followers.Sum(f => f.Received);

    public long Inversions => Followers.Sum(f => f.Inversions);

    public long Gaps => Followers.Sum(f => f.Gaps);

    public long Acknowledged => _publishers.Sum(p => p.Acknowledged);

    public long Refused => _publishers.Sum(p => p.Refused);

    /// <summary>Lets a follower join each of these runs.</summary>
    public static async Task<Crowd> GatherAsync(
        Target target, IReadOnlyList<Guid> runs, Latencies? latencies = null, int followersWithLatency = 0, int bufferSize = 32 * 1024)
    {
        var crowd = new Crowd(target);
        foreach (var some in runs.Select((run, i) => (run, i)).Chunk(ConnectAtOnce))
        {
            crowd.Followers.AddRange(await Task.WhenAll(
                some.Select(r => Follower.JoinAsync(target, r.run, r.i < followersWithLatency ? latencies : null, bufferSize))));
        }
        crowd._loops.AddRange(crowd.Followers.Select(f => f.RunAsync()));
        crowd._loops.Add(crowd.KeepAliveAsync());
        return crowd;
    }

    /// <summary>Lets a publisher begin on each of these runs; with a spread each goes round its share of so many runs.</summary>
    public async Task<IReadOnlyList<Publisher>> PublishAsync(IReadOnlyList<Guid> runs, int window, int spread = 0)
    {
        foreach (var run in runs)
        {
            Guid[] own = spread == 0 ? [run] : [.. Enumerable.Range(0, spread / runs.Count).Select(_ => Guid.NewGuid())];
            _publishers.Add(await Publisher.ConnectAsync(_target, own, window));
        }
        _loops.AddRange(_publishers.Select(p => p.RunAsync()));
        return _publishers;
    }

    public async ValueTask DisposeAsync()
    {
        _keepAlive.Dispose();
        foreach (var publisher in _publishers) publisher.Dispose();
        foreach (var follower in Followers) follower.Dispose();
        await Task.WhenAll(_loops);
    }

    private async Task KeepAliveAsync()
    {
        while (await _keepAlive.WaitForNextTickAsync())
        {
            foreach (var follower in Followers.Where(f => !f.HasEnded)) follower.KeepAlive(_target.Dialect);
            foreach (var publisher in _publishers.ToList()) publisher.KeepAlive();
        }
    }
}
