using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>
/// Two and three servers on a bus that loses, delays, doubles and reorders, and is cut off now and then, by seed: each follower gets each
/// event once and in order, the same bytes everywhere, and all servers agree on who is there
/// and how far each has seen.
/// </summary>
public sealed class ClusterHistoryTests
{
    private const int Seeds = 500;
    private const int PerTest = 125;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly Guid[] Runs = [Guid.Parse("aaaaaaaa-0000-4000-8000-000000000001"), Guid.Parse("aaaaaaaa-0000-4000-8000-000000000002")];

    public static TheoryData<int> Parts => [.. Enumerable.Range(0, Seeds / PerTest)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Numbers_decide_and_presence_converges(int part)
    {
        var (lost, slowest) = (0, 0);
        for (var seed = part * PerTest; seed < (part + 1) * PerTest; seed++)
        {
            await using var log = new SharedLog();
            var history = new History(seed, log);
            await history.RunAsync();
            lost += history.Lost;
            slowest = Math.Max(slowest, history.StepsToAgree);
        }
        Assert.True(lost > PerTest, $"Only {lost} messages were lost: the bus is no test.");
        // Six seconds of silence, a digest, and the store's fifteen seconds at the worst.
        Assert.True(slowest < TimeSpan.FromSeconds(30) / Step, $"It took {slowest * Step.TotalSeconds} s until all agreed.");
    }

    private sealed class History(int seed, SharedLog store)
    {
        private readonly Random _random = new(seed);
        private readonly ManualTime _time = new();
        private readonly List<ClusterHost> _hosts = [];
        private LossyNetwork _network = null!;
        private int _steps;

        public int Lost => _network.Lost;

        public int StepsToAgree { get; private set; }

        public async Task RunAsync()
        {
            _network = new(seed, _time) { Percent = (_random.Next(30), _random.Next(20)) };
            for (var count = 2 + (seed % 2); count > 0; count--) _hosts.Add(await ClusterHost.StartAsync(store, _network, _time));
            for (var step = 0; step < 30; step++)
            {
                await ActAsync();
                await StepAsync();
            }
            Ping();
            await StepAsync();
            foreach (var host in _hosts.Where(h => h.Bus.IsCut)) host.Bus.Cut(isCut: false);
            _network.Percent = (0, 0);
            while (!Agree(out var difference))
            {
                Assert.True(StepsToAgree++ < 1200, $"Seed {seed}: {difference}");
                if (StepsToAgree % 200 == 0) Ping();
                await StepAsync();
            }
            foreach (var host in _hosts) await host.StopAsync();
        }

        private async Task ActAsync()
        {
            var host = _hosts[_random.Next(_hosts.Count)];
            var run = Runs[_random.Next(Runs.Length)];
            var user = $"user-{_random.Next(4)}";
            switch (_random.Next(11))
            {
                case < 5:
                    host.Publish(run, user);
                    break;
                case < 7:
                    // What a join waits for is bounded, by a clock that must go on.
                    var joining = host.JoinAsync(run, user);
                    while (!joining.IsCompleted) await StepAsync();
                    await joining;
                    break;
                case 7 when host.Followers.Count > 0:
                    var gone = host.Followers[0];
                    foreach (var of in Runs.Where(r => host.Feeds.Find(r) is not null)) host.Feeds.Find(of)!.Detach(gone, asConnection: true);
                    host.Followers.Remove(gone);
                    break;
                case 8:
                    host.Bus.Cut(!host.Bus.IsCut);
                    break;
                case 9:
                    var told = 0L;
                    host.Feeds.Find(run)?.Presence.Saw(user, _random.Next(30), ref told);
                    break;
                default:
                    host.Feeds.Find(run)?.Presence.MoveCursor(user, "node", Some.Ephemeral("CURSOR_MOVE", user, """{"nodeId":"node"}"""));
                    break;
            }
        }

        /// <summary>Each client says that it has applied all that its server has: as clients do every ten seconds.</summary>
        private void Ping()
        {
            var told = 0L;
            foreach (var host in _hosts)
            {
                foreach (var feed in Runs.Select(host.Feeds.Find).OfType<Collab.AspNetCore.FanOut.Feed>())
                    foreach (var follower in host.Followers) feed.Presence.Saw(follower.UserId, long.MaxValue, ref told);
            }
        }

        private async Task StepAsync()
        {
            _time.Advance(Step);
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
            for (var i = 0; i < 3; i++) await Task.Yield();
            if (StepsToAgree == 0) return;
            // From here on the clock must not run away from the pool: silence would be taken for death, again and again.
            await Task.Delay(1);
            for (var i = 0; i < 50 && ThreadPool.PendingWorkItemCount > 0; i++) await Task.Delay(1);
        }

        private bool Agree(out string difference)
        {
            difference = "";
            foreach (var run in Runs)
            {
                var log = store.Of(run);
                var feeds = _hosts.Select(h => h.Feeds.Find(run)).ToList();
                if (feeds.Any(f => f is not null && f.LastSequence != log.Count)) difference = $"a feed is not at {log.Count}";
                var users = feeds.Where(f => f is not null).Select(f => string.Join(',', f!.ActiveUsers)).Distinct(StringComparer.Ordinal).ToList();
                var own = feeds.Where(f => f is not null).SelectMany(f => f!.Presence.OwnPart().Users).Select(p => p.UserId).Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal).ToList();
                var marks = feeds.Where(f => f is not null)
                    .Select(f => string.Join(',', f!.Read(f.LastSequence, withPresence: true)!.Presence!.Select(p => $"{p.UserId}:{p.Seen}")))
                    .Distinct(StringComparer.Ordinal).ToList();
                if (marks.Count > 1) difference = $"[{string.Join("] [", marks)}]";
                if (users.Count > 1 || (users is [var all] && all != string.Join(',', own))) difference = $"[{string.Join("] [", users)}] of [{string.Join(',', own)}]";
            }
            foreach (var follower in _hosts.SelectMany(h => h.Followers)) Check(follower, ref difference);
            return difference.Length == 0;
        }

        /// <summary>Order and exactness hold at every moment; that all is there only in the end.</summary>
        private void Check(FakeSubscriber follower, ref string difference)
        {
            var events = follower.Frames.All.SelectMany(f => f.Critical).ToList();
            for (var i = 1; i < events.Count; i++) Assert.True(events[i].Sequence == events[i - 1].Sequence + 1, $"Seed {seed}: a gap, or twice.");
            if (events.Count == 0) return;
            var log = store.Of(Runs.Single(run => events[0].Json.AsSpan(10, 36).SequenceEqual(System.Text.Encoding.ASCII.GetBytes(run.ToString()))));
            Assert.All(events, e => Assert.Equal(log[(int)e.Sequence - 1].Json, e.Json));
            if (events[^1].Sequence != log.Count) difference = $"a follower is at {events[^1].Sequence} of {log.Count}";
        }
    }
}
