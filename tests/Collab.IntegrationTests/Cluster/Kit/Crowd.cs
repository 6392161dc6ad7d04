using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>Many clients of several runs: every other one is the official SignalR client, the others are ours, which publish too.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int AtOnce = 16;

    private readonly List<Follower> _followers = [];
    private readonly List<(CollabClient Client, RunConnection Run, Track Track)> _own = [];
    private readonly List<Track> _tracks = [];
    private readonly Lock _gate = new();
    private ILookup<Guid, RunConnection>? _publishers;

    private Crowd(int runs) => Runs = [.. Enumerable.Range(0, runs).Select(_ => Guid.NewGuid())];

    public Guid[] Runs { get; }

    public IReadOnlyList<Track> Tracks => _tracks;

    /// <summary>How often official clients came back.</summary>
    public int Returns => _followers.Sum(f => f.Returns);

    /// <summary>Connects them all, each with a user of its own.</summary>
    public static async Task<Crowd> StartAsync(Uri address, int runs, int clientsPerRun)
    {
        var crowd = new Crowd(runs);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, runs * clientsPerRun), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (n, _) => await crowd.AddAsync(address, crowd.Runs[n % runs], $"user-{n:000}", isOwn: n / runs % 2 == 0));
        crowd._publishers = crowd._own.Select(o => o.Run).ToLookup(run => run.RunId);
        return crowd;
    }

    /// <summary>How many users our clients have shown fewer than there are, at the worst, since <see cref="SettleAsync"/>.</summary>
    public int MostMissing { get; private set; }

    /// <summary>
    /// Waits until everybody knows of everybody, and has got so many events, before which all that was to tell of it came. From then on
    /// nobody comes or goes.
    /// </summary>
    public async Task SettleAsync(int events)
    {
        var count = _tracks.Count / Runs.Length;
        foreach (var (_, run, track) in _own)
        {
            await run.WaitForAsync(s => s.ActiveUsers.Count == count).WaitAsync(Patience.Process);
            track.Came(run.Snapshot.ActiveUsers);
        }
        foreach (var track in _tracks)
            await Eventually.TrueAsync(() => track.Users.Length == count, Patience.Process, $"{track.User} knows all");
        foreach (var track in _tracks) await track.WaitForAsync(events);
        foreach (var track in _tracks) track.ForgetChanges();
        foreach (var (_, run, _) in _own) run.StateChanged += (_, change) => Note(count - change.Snapshot.ActiveUsers.Count);
    }

    /// <summary>Publishes as one of our clients, which keeps what it cannot send.</summary>
    public async Task<PublishAck> PublishAsync(Guid runId, int number)
    {
        var publishers = _publishers![runId].ToArray();
        return await publishers[number / Runs.Length % publishers.Length].FlagAsync("PM");
    }

    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_followers, async (follower, _) => await follower.DisposeAsync());
        await Parallel.ForEachAsync(_own, async (own, _) => await own.Client.DisposeAsync());
    }

    private async Task AddAsync(Uri address, Guid runId, string user, bool isOwn)
    {
        if (!isOwn)
        {
            var follower = await Follower.StartAsync(address, user, runId);
            lock (_gate)
            {
                _followers.Add(follower);
                _tracks.Add(follower.Track);
            }
            return;
        }
        var client = new CollabClient(new()
        {
            BaseAddress = address,
            Token = _ => ValueTask.FromResult(TestTokens.Create(user)),
            MaxUnread = 100_000,
            MaxQueued = 10_000,
        });
        var run = await client.ConnectAsync(runId);
        var track = new Track(runId, user);
        _ = ReadAsync(run, track);
        lock (_gate)
        {
            _own.Add((client, run, track));
            _tracks.Add(track);
        }
    }

    private void Note(int missing)
    {
        lock (_gate) MostMissing = Math.Max(MostMissing, missing);
    }

    private static async Task ReadAsync(RunConnection run, Track track)
    {
        await foreach (var e in run.ReadEventsAsync()) track.Take(e);
    }
}
