using System.Collections.Concurrent;
using System.Text;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Outbox;

/// <summary>
/// The server is killed again and again while applications commit and roll back: what committed is in the log once, in order, and nothing else. With
/// PostgreSQL they are processes that know nothing of Collab: <c>psql</c>.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class OutboxKilledTests(PostgresFixture postgres)
{
    private const int Writers = 4;
    private const int Kills = 5;

    [Theory]
    [InlineData(StoreKind.Sqlite, 400)]
    [InlineData(StoreKind.Postgres, 2000)]
    public async Task What_committed_is_in_the_log_exactly_once_and_in_order_and_nothing_else_is(StoreKind kind, int transactions)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, ServerUnderTest.KeepAll);
        Guid[] runs = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        var committed = new ConcurrentQueue<(Guid Run, Guid[] Messages)>[Writers];
        var progress = new Arrivals<int>();

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(n => kind == StoreKind.Postgres
            ? WriteByProcessAsync(server.Database!, runs, transactions / Writers, committed[n] = new(), progress)
            : WriteAsync(server, runs, transactions / Writers, committed[n] = new(), progress)));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = transactions * kill / (Kills + 1);
            await progress.WaitForAsync(all => all.Count >= enough);
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync();
        }
        await writing;

        using var api = server.Api();
        await Eventually.NothingLeftAsync(async () => (await api.GetAsync<OutboxStatus>("api/admin/outbox")).Value.Depth);
        Assert.Equal(0, (await api.GetAsync<OutboxStatus>("api/admin/outbox")).Value.FailedCount);
        foreach (var run in runs)
        {
            var events = await server.ReadAsync(run);
            Log.Holds(events, committed.SelectMany(c => c).Where(c => c.Run == run).SelectMany(c => c.Messages));
            var place = events.ToDictionary(e => e.MessageId, e => e.SequenceNumber);
            // One writer's transactions follow each other, and so do the inserts of one.
            Assert.All(committed, mine => IsAscending(mine.Where(c => c.Run == run).SelectMany(c => c.Messages).Select(m => place[m])));
        }
    }

    /// <summary>What the transactions of a writer insert, and whether they are rolled back: a third of them.</summary>
    private static IEnumerable<(Guid Run, Guid[] Messages, bool IsRolledBack)> Transactions(Guid[] runs, int count) => Enumerable.Range(0, count)
        .Select(n => (runs[Random.Shared.Next(runs.Length)], Enumerable.Range(0, 1 + (n % 3)).Select(_ => Guid.NewGuid()).ToArray(), n % 3 == 2));

    private static async Task WriteByProcessAsync(
        string database, Guid[] runs, int count, ConcurrentQueue<(Guid Run, Guid[] Messages)> committed, Arrivals<int> progress)
    {
        using var folder = new TemporaryFolder("outbox");
        var script = new StringBuilder();
        foreach (var (run, messages, isRolledBack) in Transactions(runs, count))
        {
            script.AppendLine("BEGIN;");
            foreach (var message in messages) script.AppendLine(OutboxSql.Insert(run, message));
            script.AppendLine(isRolledBack ? "ROLLBACK;" : "COMMIT;").AppendLine("\\echo done");
            if (!isRolledBack) committed.Enqueue((run, messages));
        }
        await File.WriteAllTextAsync(folder["script.sql"], script.ToString());
        var to = new NpgsqlConnectionStringBuilder(database);
        await using var psql = ChildProcess.Start(new("psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", $"--file={folder["script.sql"]}"])
        {
            Environment =
            {
                ["PGHOST"] = to.Host, ["PGPORT"] = string.Create(null, $"{to.Port}"), ["PGUSER"] = to.Username, ["PGPASSWORD"] = to.Password,
                ["PGDATABASE"] = to.Database,
            },
        });
        for (var done = 1; done <= count; done++)
        {
            await psql.Output.WaitForAsync(lines => lines.Count(line => line == "done") >= done);
            progress.Add(done);
        }
        Assert.Equal(0, await psql.Exited.WaitAsync(Patience.Process));
    }

    private static async Task WriteAsync(
        ServerUnderTest server, Guid[] runs, int count, ConcurrentQueue<(Guid Run, Guid[] Messages)> committed, Arrivals<int> progress)
    {
        await using var db = await server.OpenStoreAsync();
        foreach (var (n, (run, messages, isRolledBack)) in Transactions(runs, count).Index())
        {
            await using var transaction = await db.BeginTransactionAsync();
            foreach (var message in messages) await db.InsertAsync(run, message, transaction);
            if (isRolledBack) await transaction.RollbackAsync();
            else
            {
                await transaction.CommitAsync();
                committed.Enqueue((run, messages));
            }
            progress.Add(n);
        }
    }

    private static void IsAscending(IEnumerable<long?> places)
    {
        long?[] all = [.. places];
        Assert.Equal(all.Order(), all);
    }
}
