using Collab.UnitTests.Kit;

namespace Collab.UnitTests.Cluster;

/// <summary>Servers of a test on a network that loses nothing, and a clock that is moved on bit by bit.</summary>
internal sealed class ClusterScene : IAsyncDisposable
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    public static readonly Guid Run = Guid.Parse("aaaaaaaa-0000-4000-8000-000000000003");

    private readonly ManualTime _time = new();
    private readonly SharedLog _log = new();
    private readonly LossyNetwork _network;
    private readonly List<ClusterHost> _hosts = [];
    private int _steps;

    private ClusterScene() => _network = new(seed: 1, _time) { MaxDelayMs = 1 };

    public static ClusterScene Create() => new();

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.StopAsync();
        await _log.DisposeAsync();
    }

    public static string[] UsersOn(ClusterHost host) => [.. host.Feeds.Find(Run)!.ActiveUsers];

    /// <summary>How far each user has seen, as a server knows it.</summary>
    public static Dictionary<string, long?> MarksOn(ClusterHost host) =>
        host.Feeds.Find(Run)!.Read(0, withPresence: true)!.Presence!.ToDictionary(p => p.UserId, p => p.Seen);

    /// <summary>A user's client on a server says how far it has applied the run.</summary>
    public static void Saw(ClusterHost host, string user, long seen)
    {
        var told = 0L;
        host.Feeds.Find(Run)!.Presence.Saw(user, seen, ref told);
    }

    /// <summary>Who came and went, as a follower saw it, itself aside.</summary>
    public static List<string> Changes(FakeSubscriber follower) =>
    [
        .. from frame in follower.Frames.All
           from json in frame.Ephemeral.Select(e => System.Text.Encoding.UTF8.GetString(e))
           where json.Contains("\"USER_", StringComparison.Ordinal)
           where !json.Contains($"\"userId\":\"{follower.UserId}\"", StringComparison.Ordinal)
           select json,
    ];

    public async Task<ClusterHost> StartAsync()
    {
        var host = await ClusterHost.StartAsync(_log, _network, _time);
        _hosts.Add(host);
        await PassAsync(seconds: 0.2);
        return host;
    }

    public async Task EndAsync(ClusterHost host)
    {
        _hosts.Remove(host);
        var ended = host.StopAsync();
        while (!ended.IsCompleted) await StepAsync();
        await ended;
    }

    public async Task<FakeSubscriber> JoinAsync(ClusterHost host, string user)
    {
        var joining = host.JoinAsync(Run, user);
        // Who is there is asked, and waited for no longer than a moment: the others must have had theirs.
        while (!joining.IsCompleted) await StepAsync(Step / 10, pauseMs: 10);
        return await joining;
    }

    public async Task PassAsync(double seconds)
    {
        for (var steps = TimeSpan.FromSeconds(seconds) / Step; steps > 0; steps--) await StepAsync();
    }

    public Task StepAsync() => StepAsync(Step);

    private async Task StepAsync(TimeSpan step, int pauseMs = 1)
    {
        _time.Advance(step);
        _network.Deliver();
        foreach (var host in _hosts) host.Tick();
        if (++_steps % 20 == 0)
        {
            foreach (var host in _hosts)
            {
                host.Second();
                await host.CompareAsync();
            }
        }
        // What this has set off runs on the pool.
        await Task.Delay(pauseMs);
    }
}
