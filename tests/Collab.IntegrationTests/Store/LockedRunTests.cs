using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>
/// Somebody else's transaction holds a run's row: an administrator's, or that of a server which stands still. The run is refused for that time,
/// in a way that can be tried again; no other run notices.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class LockedRunTests(PostgresFixture postgres)
{
    private const string LockRow = "SELECT 1 FROM collaboration_runs WHERE id = ANY(@runs) FOR UPDATE";

    private const string InsertRow =
        """
        INSERT INTO collaboration_runs (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
        SELECT id, id, 0, '{}', 0, now(), now() FROM unnest(@runs) AS u (id)
        """;

    private const int Others = 40;
    private const int EventsEach = 3;

    [Theory]
    [InlineData(LockRow, 1)]
    [InlineData(LockRow, 5)]
    [InlineData(InsertRow, 1)]
    [InlineData(LockRow, 5, 400)]
    [InlineData(InsertRow, 1, 400)]
    public async Task Only_the_runs_whose_rows_are_held_are_refused_and_they_go_on_when_they_are_free(string sql, int heldRuns, int statementTimeoutMs = 0)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var owner = StoreUnderTest.On(database);
        await owner.Store.MigrateAsync(CancellationToken.None);
        await using var store = StoreUnderTest.On($"{database};Options=-c statement_timeout={statementTimeoutMs}");
        var held = Runs(heldRuns);
        var others = Runs(Others);
        if (sql == LockRow)
        {
            foreach (var run in held) await CreateRowAsync(owner, run);
        }
        var holder = new NpgsqlConnection($"{database};Pooling=False");
        await using (holder)
        {
            await holder.OpenAsync();
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var command = new NpgsqlCommand(sql, holder) { Parameters = { new("runs", held) } }) await command.ExecuteNonQueryAsync();

            // Queued before the log starts, so that each writer has one batch of all its runs.
            var first = Publish(store, held, others);
            await store.Log.StartAsync(CancellationToken.None);
            await AssertRefusedAsync(first.Held);
            await AssertNumberedAsync(first.Others, from: 1);
            var second = Publish(store, held, others);
            await AssertRefusedAsync(second.Held);
            await AssertNumberedAsync(second.Others, from: EventsEach + 1);
            await transaction.RollbackAsync();
        }

        foreach (var run in held)
        {
            for (var n = 1; n <= EventsEach; n++) Assert.Equal(n, (await PublishUntilTakenAsync(store, StoreUnderTest.Append(run))).SequenceNumber);
        }
        foreach (var run in held.Concat(others))
        {
            var stored = await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
            Assert.Equal(Enumerable.Range(1, (int)stored.LastSequence).Select(n => (long)n), stored.Events.Select(e => e.Sequence));
        }
    }

    [Fact]
    public async Task Events_that_were_refused_for_a_lock_can_be_sent_again_with_their_ids()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var store = StoreUnderTest.On(database);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        var run = Guid.NewGuid();
        await store.Log.AppendAsync(StoreUnderTest.Append(run));
        var sent = Enumerable.Range(0, 5).Select(_ => StoreUnderTest.Append(run)).ToArray();
        await using (var holder = new NpgsqlConnection($"{database};Pooling=False"))
        {
            await holder.OpenAsync();
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var command = new NpgsqlCommand(LockRow, holder) { Parameters = { new("runs", new[] { run }) } }) await command.ExecuteNonQueryAsync();
            await AssertRefusedAsync([.. sent.Select(append => store.Log.AppendAsync(append).AsTask())]);
        }

        for (var i = 0; i < sent.Length; i++)
        {
            var id = sent[i].MessageId;
            var again = await PublishUntilTakenAsync(store, () => new Append(run, id, EventTypes.Graft, "alice", null, """{"after":"PM","agentName":"a"}"""u8.ToArray()));
            Assert.Equal((i + 2, false), (again.SequenceNumber, again.Duplicate));
        }
    }

    [Fact]
    public async Task An_erase_does_not_hold_a_row_for_ever_when_its_server_stands_still()
    {
        await using var store = await StoreUnderTest.CreateAsync(RunLog.StoreKind.Postgres, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        var run = Guid.NewGuid();
        for (var n = 0; n < EventsEach; n++) await store.Log.AppendAsync(StoreUnderTest.Append(run));
        await store.ExecuteAsync(
            """
            CREATE TABLE noted (setting text);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO noted VALUES (current_setting('idle_in_transaction_session_timeout')); RETURN NEW; END $$;
            CREATE TRIGGER note BEFORE UPDATE ON collaboration_runs FOR EACH ROW EXECUTE FUNCTION note();
            """);

        await store.Store.EraseAsync(run, CancellationToken.None);

        Assert.Equal("10s", await store.ExecuteAsync("SELECT string_agg(setting, ' ') FROM noted"));
    }

    private static Guid[] Runs(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    private static Task<object?> CreateRowAsync(StoreUnderTest store, Guid run) => store.ExecuteAsync(
        """
        INSERT INTO collaboration_runs (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
        VALUES (@p0, @p0, 0, '{}', 0, now(), now())
        """, run);

    /// <summary>Some events for each run, in turns.</summary>
    private static (Task<PublishAck>[] Held, Dictionary<Guid, List<Task<PublishAck>>> Others) Publish(StoreUnderTest store, Guid[] held, Guid[] others)
    {
        var waits = held.Concat(others).ToDictionary(run => run, _ => new List<Task<PublishAck>>());
        for (var n = 0; n < EventsEach; n++)
        {
            foreach (var (run, tasks) in waits) tasks.Add(store.Log.AppendAsync(StoreUnderTest.Append(run)).AsTask());
        }
        return ([.. held.SelectMany(run => waits[run])], others.ToDictionary(run => run, run => waits[run]));
    }

    private static async Task AssertRefusedAsync(Task<PublishAck>[] publishes)
    {
        foreach (var publish in publishes)
        {
            var refusal = await Assert.ThrowsAsync<RefusedException>(() => publish.WaitAsync(Patience.Default));
            Assert.Equal(CollabErrorCode.Unavailable, refusal.Code);
        }
    }

    private static async Task AssertNumberedAsync(Dictionary<Guid, List<Task<PublishAck>>> publishes, int from)
    {
        foreach (var run in publishes.Values)
        {
            var acks = await Task.WhenAll(run).WaitAsync(Patience.Default);
            Assert.Equal(Enumerable.Range(from, EventsEach).Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
        }
    }

    private static Task<PublishAck> PublishUntilTakenAsync(StoreUnderTest store, Append append) =>
        PublishUntilTakenAsync(store, () => new Append(append.RunId, append.MessageId, append.EventType, append.UserId, append.UserName, append.Data));

    private static async Task<PublishAck> PublishUntilTakenAsync(StoreUnderTest store, Func<Append> append)
    {
        PublishAck? ack = null;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                ack = await store.Log.AppendAsync(append());
                return true;
            }
            catch (RefusedException e) when (e.Code == CollabErrorCode.Unavailable)
            {
                return false;
            }
        });
        return ack!;
    }
}
