using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Collab.AspNetCore;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Storage;
using Collab.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.Bench;

/// <summary>
/// Durable appends per second on one PostgreSQL, both ways in the same run and by turns: the run log's group commit, and what teams write by
/// hand, one EF Core transaction per event that takes the next number from the run's row.
/// </summary>
internal static class AppendBench
{
    private const int Runs = 64;
    private const int Rounds = 3;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");

    public static async Task RunAsync()
    {
        await using var server = await PostgresServer.StartAsync();
        var options = Options.Create(new CollabOptions());
        options.Value.Store.Provider = StoreProvider.Postgres;
        options.Value.Store.ConnectionString = await server.CreateDatabaseAsync();
        await using var store = new PostgresRunStore(options.Value.Store);
        await store.MigrateAsync(CancellationToken.None);

        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CollabMetrics(services.GetRequiredService<IMeterFactory>());
        var trimmer = new Trimmer(store, metrics, options, TimeProvider.System, NullLogger<Trimmer>.Instance);
        var healer = new FeedHealer(metrics, TimeProvider.System, NullLogger<FeedHealer>.Instance);
        var feeds = new Feeds(store, new(options, TimeProvider.System), healer, NoFeedNews.Instance, options, TimeProvider.System, NullLogger<Feeds>.Instance);
        var log = new RunLog(store, feeds, [feeds], trimmer, metrics, options, TimeProvider.System, NullLogger<RunLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        await trimmer.StartAsync(CancellationToken.None);
        var db = new DbContextOptionsBuilder<CollabDbContext>().UseNpgsql(options.Value.Store.ConnectionString + ";Maximum Pool Size=64").Options;

        Console.WriteLine($"Durable appends per second, {Runs} runs, 200-byte payloads, {Duration.TotalSeconds:0} s each, retention on, by turns:");
        Console.WriteLine($"{"publishers",10} {"group commit",14} {"one transaction per event",27} {"ratio",8}");
        foreach (var publishers in (int[])[64, 256])
        {
            var ratios = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var group = await MeasureAsync(publishers, run => AppendAsync(log, run));
                var single = await MeasureAsync(publishers, run => AppendAloneAsync(db, run));
                ratios.Add(group / single);
                Console.WriteLine($"{publishers,10} {group,12:0}/s {single,25:0}/s {group / single,7:0.0}x");
            }
            Console.WriteLine($"{"median",10} {ratios.Order().ElementAt(Rounds / 2),50:0.0}x");
        }
        await trimmer.StopAsync(CancellationToken.None);
        await log.StopAsync(CancellationToken.None);
    }

    /// <summary>Publishers that each wait for an acknowledgement before they send again.</summary>
    private static async Task<double> MeasureAsync(int publishers, Func<Guid, Task> append)
    {
        var runs = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var run in runs) await append(run);
        var done = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(i => Task.Run(async () =>
        {
            while (watch.Elapsed < Duration)
            {
                await append(runs[i % Runs]);
                Interlocked.Increment(ref done);
            }
        })));
        return done / watch.Elapsed.TotalSeconds;
    }

    private static async Task AppendAsync(RunLog log, Guid run) =>
        await log.AppendAsync(new(run, Guid.CreateVersion7(), "GRAFT", "bench", UserName: null, Data));

    private static async Task AppendAloneAsync(DbContextOptions<CollabDbContext> options, Guid run)
    {
        await using var db = new CollabDbContext(options);
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = DateTime.UtcNow;
        var last = await db.Database.SqlQuery<long>(
            $"""
            INSERT INTO collaboration_runs AS r (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
            VALUES ({run}, {run}, 1, jsonb_build_object(), 0, {now}, {now})
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + 1, updated_at = {now} RETURNING last_sequence AS "Value"
            """).ToListAsync();
        db.Messages.Add(new()
        {
            RunId = run,
            SequenceNumber = last[0],
            Id = Guid.CreateVersion7(),
            UserId = "bench",
            EventType = "GRAFT",
            MessageData = Encoding.UTF8.GetString(Data),
            Timestamp = now,
            IsCritical = true,
        });
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
