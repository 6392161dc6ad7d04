using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Collab.AspNetCore;
using Collab.Bench.Load;
using Collab.Storage;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Collab.Bench;

/// <summary>
/// From the commit of an application's transaction to the delivery of the event that it put into the outbox, to a follower in the process that runs Collab: committed
/// by a context in that process, and by plain SQL, of which nobody tells it.
/// </summary>
internal static class OutboxBench
{
    private const int Writers = 4;
    private const int Transactions = 2000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);

    public static async Task RunAsync(int rounds)
    {
        Console.WriteLine($"{Writers} writers, {Transactions} transactions, a third rolled back, from commit to delivery:");
        await using var postgres = await PostgresServer.StartAsync();
        for (var round = 1; round <= rounds; round++)
        {
            var database = await postgres.CreateDatabaseAsync();
            await using var application = await EmbeddedApplication.StartAsync(database, services => services.AddDbContext<Orders>(
                (own, options) => options.UseNpgsql(database).UseCollabOutbox(own)));
            await MeasureAsync("by a context in the process", application, message => WithContextAsync(application, message));
            await using var source = NpgsqlDataSource.Create(database);
            await MeasureAsync("by plain SQL elsewhere", application, message => WithSqlAsync(source, message));
        }
    }

    private static async Task MeasureAsync(string name, WebApplication application, Func<(Guid Run, Guid Message, bool RollBack), Task> commit)
    {
        var run = Guid.NewGuid();
        ConcurrentDictionary<Guid, long> committed = new(), arrived = new();
        using var stop = new CancellationTokenSource();
        var following = FollowAsync(application.Services.GetRequiredService<ICollab>().Run(run), arrived, stop.Token);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync()));
        await Eventually.TrueAsync(() => committed.Keys.All(arrived.ContainsKey));
        await stop.CancelAsync();
        await following;

        var latencies = new Latencies();
        foreach (var (message, at) in committed) latencies.Add(Math.Max(0, arrived[message] - at));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: p50 {latencies.Quantile(0.5):0.0} ms, p99 {latencies.Quantile(0.99):0.0} ms; {committed.Count} committed, {arrived.Count} delivered"));

        async Task WriteAsync()
        {
            using var timer = new PeriodicTimer(Pace);
            for (var n = 0; n < Transactions / Writers; n++)
            {
                await timer.WaitForNextTickAsync();
                var (message, rollBack) = (Guid.NewGuid(), n % 3 == 2);
                await commit((run, message, rollBack));
                if (!rollBack) committed[message] = Stopwatch.GetTimestamp();
            }
        }
    }

    private static async Task FollowAsync(RunHandle run, ConcurrentDictionary<Guid, long> arrived, CancellationToken stop)
    {
        try
        {
            await foreach (var e in run.FollowAsync(cancellationToken: stop)) arrived[e.MessageId] = Stopwatch.GetTimestamp();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // All has arrived.
        }
    }

    private static async Task WithContextAsync(WebApplication application, (Guid Run, Guid Message, bool RollBack) what)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Orders>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        db.PublishToRun(what.Run, "GRAFT", new { After = "PM", AgentName = "scanner" }, messageId: what.Message);
        await db.SaveChangesAsync();
        if (what.RollBack) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
    }

    private static async Task WithSqlAsync(NpgsqlDataSource source, (Guid Run, Guid Message, bool RollBack) what)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO collaboration_outbox (run_id, event_type, data, message_id)
            VALUES ($1, 'GRAFT', '{"after":"PM","agentName":"scanner"}', $2)
            """,
            connection,
            transaction)
        {
            Parameters = { new() { Value = what.Run }, new() { Value = what.Message } },
        };
        await insert.ExecuteNonQueryAsync();
        if (what.RollBack) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
    }

    private sealed class Orders(DbContextOptions<Orders> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddCollabOutbox();
    }
}
