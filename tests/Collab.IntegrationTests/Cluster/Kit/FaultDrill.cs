using System.Diagnostics;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>
/// A steady load on one of two servers, followers on both, and faults of what is between them: what publishers and followers notice.
/// </summary>
internal sealed class FaultDrill : IAsyncDisposable
{
    private const int Runs = 4;

    /// <summary>Later than this is no delay of a busy machine any more, but of the store that is asked instead of the bus.</summary>
    private const double LateMs = 300;

    private readonly Guid[] _runs = [.. Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid())];
    private readonly List<HubClient> _publishers = [];
    private readonly List<Follower> _followers = [];
    private readonly ITestOutputHelper _output;
    private Load? _load;

    private FaultDrill(ITestOutputHelper output) => _output = output;

    public Load Load => _load ?? throw new InvalidOperationException("It has not begun.");

    private IEnumerable<Follower> Elsewhere => _followers.Where(f => f.Track.User.StartsWith("other", StringComparison.Ordinal));

    /// <summary>Begins to publish to the first server.</summary>
    /// <param name="fleet">The servers.</param>
    /// <param name="output">Where the figures go.</param>
    /// <param name="perSecond">How many events a second.</param>
    /// <param name="noteBytes">How large each is.</param>
    /// <param name="every">What is due in such a time is published at once; null: in 20 ms.</param>
    public static async Task<FaultDrill> StartAsync(
        Fleet fleet, ITestOutputHelper output, int perSecond, int noteBytes = 0, TimeSpan? every = null)
    {
        var drill = new FaultDrill(output);
        foreach (var run in drill._runs)
        {
            drill._publishers.Add(await fleet[0].ConnectAsync("publisher"));
            drill._followers.Add(await Follower.StartAsync(fleet[0].Process.BaseAddress, "beside", run));
            drill._followers.Add(await Follower.StartAsync(fleet[1].Process.BaseAddress, "other", run));
        }
        var data = new { stepId = "PM", note = new string('x', noteBytes) };
        drill._load = new(perSecond, drill._runs, (run, n) => drill._publishers[n % Runs].PublishAsync(run, EventTypes.Flag, data), every);
        foreach (var follower in drill._followers) await follower.Track.WaitForAsync(perSecond / Runs);
        return drill;
    }

    /// <summary>Publishes on for a while.</summary>
    public async Task GoOnAsync(TimeSpan span)
    {
        var until = Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency);
        await Eventually.TrueAsync(() => Load.All is [.., var last] && last.AckedAt > until, Patience.Process);
    }

    /// <summary>Does something while it goes on, and tells what was noticed of it.</summary>
    /// <param name="name">What it is called in the output.</param>
    /// <param name="fault">Completes when all is well again, as far as the servers say.</param>
    /// <param name="after">How long it goes on after that.</param>
    public async Task DuringAsync(string name, Func<Task> fault, TimeSpan after)
    {
        var began = Stopwatch.GetTimestamp();
        await fault();
        var well = Stopwatch.GetTimestamp();
        await GoOnAsync(after);
        var ended = Stopwatch.GetTimestamp();
        await CatchUpAsync();
        var during = Load.All.Where(p => p.AckedAt >= began && p.AckedAt < well).ToArray();
        var rest = Load.All.Where(p => p.AckedAt >= well && p.AckedAt < ended).ToArray();
        var late = Elsewhere.SelectMany(f => Figures.LagsOf(f.Track, rest)).Where(l => l.Ms > LateMs)
            .Select(l => Stopwatch.GetElapsedTime(well, l.Event.AckedAt)).DefaultIfEmpty().Max();
        var (first, then) = (Stopwatch.GetElapsedTime(began, well), Stopwatch.GetElapsedTime(well, ended));
        _output.WriteLine($"{name}: {Figures.Seconds(first)}, then {Figures.Seconds(then)}");
        _output.WriteLine($"  acknowledged after {Figures.Of(during.Select(p => p.AckMs))}");
        _output.WriteLine($"  on the other server meanwhile {Figures.Of(Lags(during))}; afterwards {Figures.Of(Lags(rest))}");
        _output.WriteLine($"  the last one that was later than {LateMs} ms was acknowledged {Figures.Seconds(late)} after it");
    }

    /// <summary>Ends the load, and looks whether everybody was shown everything.</summary>
    public async Task AssertAllIsThereAsync()
    {
        await Load.StopAsync();
        Assert.Empty(Load.Failures);
        await CatchUpAsync();
        foreach (var follower in _followers) follower.Track.AssertHolds(Load.Of(follower.Track.RunId));
        Assert.All(_followers, follower => Assert.Equal(0, follower.Returns));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var follower in _followers) await follower.DisposeAsync();
        foreach (var publisher in _publishers) await publisher.DisposeAsync();
    }

    private IEnumerable<double> Lags(IReadOnlyList<Published> some) =>
        Elsewhere.SelectMany(f => Figures.LagsOf(f.Track, some)).Select(l => l.Ms);

    private async Task CatchUpAsync()
    {
        foreach (var follower in _followers)
        {
            var acks = Load.Of(follower.Track.RunId);
            await follower.Track.WaitForAsync(acks.Select(ack => ack.SequenceNumber!.Value).DefaultIfEmpty().Max());
        }
    }
}
