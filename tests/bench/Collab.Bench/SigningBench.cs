using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Collab.AspNetCore;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.Bench;

/// <summary>What signing costs: durable appends per second and this process's CPU for each, with a key and without, by turns in one run.</summary>
internal static class SigningBench
{
    private const int Runs = 64;
    private const int Rounds = 5;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");

    public static async Task RunAsync()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var plain = await StartAsync(await server.CreateDatabaseAsync(), key: null);
        await using var signed = await StartAsync(await server.CreateDatabaseAsync(), "bench:a secret of more than thirty-two bytes");

        Console.WriteLine($"Durable appends, {Runs} runs, 200-byte payloads, {Duration.TotalSeconds:0} s each, by turns; CPU of this process for each:");
        Console.WriteLine($"{"publishers",10} {"without a key",24} {"signed",24}");
        foreach (var publishers in (int[])[1, 64, 256])
        {
            var (without, with) = (new List<(double, double)>(), new List<(double, double)>());
            for (var round = 0; round < Rounds; round++)
            {
                without.Add(await MeasureAsync(plain.Log, publishers));
                with.Add(await MeasureAsync(signed.Log, publishers));
            }
            Console.WriteLine($"{publishers,10} {Text(without),24} {Text(with),24}");
        }
    }

    private static string Text(List<(double PerSecond, double Microseconds)> rounds) =>
        $"{Middle(rounds.Select(r => r.PerSecond)):0}/s {Middle(rounds.Select(r => r.Microseconds)):0.0} µs";

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private static async Task<Started> StartAsync(string database, string? key)
    {
        var options = Options.Create(new CollabOptions());
        options.Value.Store.Provider = StoreProvider.Postgres;
        options.Value.Store.ConnectionString = database;
        if (key is not null) options.Value.Signing.Key.Add(key);
        var store = new PostgresRunStore(options.Value.Store, shape: null, EventSigning.Of(options.Value.Signing));
        await store.MigrateAsync(CancellationToken.None);
        var metrics = new CollabMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        var trimmer = new Trimmer(store, metrics, options, TimeProvider.System, NullLogger<Trimmer>.Instance);
        var healer = new FeedHealer(metrics, TimeProvider.System, NullLogger<FeedHealer>.Instance);
        var feeds = new Feeds(store, new(options, TimeProvider.System), healer, NoFeedNews.Instance, options, TimeProvider.System, NullLogger<Feeds>.Instance);
        var log = new RunLog(store, feeds, [feeds], trimmer, metrics, options, TimeProvider.System, NullLogger<RunLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        await trimmer.StartAsync(CancellationToken.None);
        return new(store, trimmer, log);
    }

    /// <summary>Publishers that each wait for an acknowledgement before they send again.</summary>
    private static async Task<(double PerSecond, double Microseconds)> MeasureAsync(RunLog log, int publishers)
    {
        var runs = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var run in runs) await AppendAsync(log, run);
        var (done, watch, before) = (0L, Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(i => Task.Run(async () =>
        {
            while (watch.Elapsed < Duration)
            {
                await AppendAsync(log, runs[i % Runs]);
                Interlocked.Increment(ref done);
            }
        })));
        return (done / watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / done);
    }

    private static async Task AppendAsync(RunLog log, Guid run) =>
        await log.AppendAsync(new(run, Guid.CreateVersion7(), "GRAFT", "bench", UserName: null, Data));

    private sealed record Started(PostgresRunStore Store, Trimmer Trimmer, RunLog Log) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Trimmer.StopAsync(CancellationToken.None);
            await Log.StopAsync(CancellationToken.None);
            await Store.DisposeAsync();
        }
    }
}
