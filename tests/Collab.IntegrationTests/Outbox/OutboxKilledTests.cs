using System.Collections.Concurrent;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Outbox;

/// <summary>The server is killed again and again while applications commit and roll back: what committed is in the log once, in order, and nothing else.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OutboxKilledTests(PostgresFixture postgres)
{
    private const int Connections = 4;
    private const int Kills = 5;

    [Theory]
    [InlineData(StoreKind.Sqlite, 400)]
    [InlineData(StoreKind.Postgres, 2000)]
    public async Task What_committed_is_in_the_log_exactly_once_and_in_order_and_nothing_else_is(StoreKind kind, int transactions)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, ServerUnderTest.KeepAll);
        Guid[] runs = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        var committed = new ConcurrentQueue<(Guid Run, Guid[] Messages)>[Connections];
        var progress = new Arrivals<int>();

        var writing = Task.WhenAll(Enumerable.Range(0, Connections).Select(n => WriteAsync(server, runs, transactions / Connections, committed[n] = new(), progress)));
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
            // One connection's transactions follow each other, and so do the inserts of one.
            Assert.All(committed, mine => IsAscending(mine.Where(c => c.Run == run).SelectMany(c => c.Messages).Select(m => place[m])));
        }
    }

    private static async Task WriteAsync(
        ServerUnderTest server, Guid[] runs, int count, ConcurrentQueue<(Guid Run, Guid[] Messages)> committed, Arrivals<int> progress)
    {
        await using var db = await server.OpenStoreAsync();
        for (var n = 0; n < count; n++)
        {
            var run = runs[Random.Shared.Next(runs.Length)];
            Guid[] messages = [.. Enumerable.Range(0, 1 + (n % 3)).Select(_ => Guid.NewGuid())];
            await using var transaction = await db.BeginTransactionAsync();
            foreach (var message in messages) await db.InsertAsync(run, message, transaction);
            if (n % 3 == 2) await transaction.RollbackAsync();
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
