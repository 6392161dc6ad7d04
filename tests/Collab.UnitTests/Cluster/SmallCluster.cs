using Collab.AspNetCore.Monitoring;
using Collab.TestKit;
using Collab.UnitTests.Kit;

namespace Collab.UnitTests.Cluster;

/// <summary>Some servers that know each other, on a clock that goes on only while something is waited for.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly SharedLog _log = new();

    private SmallCluster(int seed) => Network = new(seed, Time) { Percent = (0, 0) };

    public ManualTime Time { get; } = new();

    public LossyNetwork Network { get; }

    public List<ClusterHost> Hosts { get; } = [];

    public static async Task<SmallCluster> StartAsync(int servers, int seed = 1)
    {
        var cluster = new SmallCluster(seed);
        for (var n = 0; n < servers; n++) await cluster.AddAsync();
        await cluster.UntilAsync(() => cluster.Hosts.TrueForAll(h => h.Members.Others.Count == servers - 1));
        return cluster;
    }

    /// <summary>One more server begins, which the others do not know yet.</summary>
    public async Task<ClusterHost> AddAsync()
    {
        Hosts.Add(await ClusterHost.StartAsync(_log, Network, Time));
        return Hosts[^1];
    }

    /// <summary>Lets time go on until something is done.</summary>
    /// <returns>How much of it passed.</returns>
    public async Task<TimeSpan> UntilAsync(Func<bool> isDone)
    {
        var began = Time.GetTimestamp();
        while (!isDone())
        {
            await StepAsync();
            if (Time.GetElapsedTime(began) > TimeSpan.FromMinutes(2)) throw new TimeoutException();
        }
        return Time.GetElapsedTime(began);
    }

    /// <summary>Waits for an answer that everybody has a part in: time goes on only as messages need it, however slow the machine.</summary>
    public async Task<T> AnswerAsync<T>(Task<T> asking)
    {
        var until = DateTime.UtcNow + Patience.Default;
        while (!asking.IsCompleted)
        {
            if (Network.IsUnderWay) await StepAsync();
            else await Task.Delay(1);
            if (DateTime.UtcNow > until) throw new TimeoutException();
        }
        return await asking;
    }

    /// <summary>Waits for an answer that somebody may owe.</summary>
    public async Task<T> AnswerWithoutSomeAsync<T>(Task<T> asking)
    {
        await UntilAsync(() => asking.IsCompleted);
        return await asking;
    }

    /// <summary>Lets so much time pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step) await StepAsync();
    }

    /// <summary>A connection to a server, of a user's, in a run.</summary>
    public static ConnectionRecord Connect(ClusterHost host, string sessionId, string userId, Guid? runId = null)
    {
        var record = host.Monitor.NewRecord(sessionId, clientId: null);
        host.Monitor.Opened(record, userId);
        if (runId is { } run) record.Joined(run, 0, 0);
        return record;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts) await host.StopAsync();
        await _log.DisposeAsync();
    }

    private async Task StepAsync()
    {
        Time.Advance(Step);
        Network.Deliver();
        // What this has set off runs on the pool.
        await Task.Delay(1);
    }
}
