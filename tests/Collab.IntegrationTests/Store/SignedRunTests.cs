using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>What is done to a signed run behind the server's back is found, and the first number that is wrong is named.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SignedRunTests(PostgresFixture postgres)
{
    private const string OldKey = "2025:an old secret of this installation, 32+", Key = "2026:the secret of this installation, 32+";
    private const string Messages = "persisted_collaboration_messages";
    private const int Keep = 4;

    public static TheoryData<StoreKind, string, long, string> Tampering()
    {
        var data = new TheoryData<StoreKind, string, long, string>();
        foreach (var kind in Enum.GetValues<StoreKind>())
        {
            data.Add(kind, $$"""UPDATE {{Messages}} SET message_data = '{"after":"PM","agentName":"evil"}' WHERE sequence_number = 7""", 7, "changed");
            data.Add(kind, $"UPDATE {Messages} SET user_id = 'mallory' WHERE sequence_number = 5", 5, "changed");
            data.Add(kind, $"UPDATE {Messages} SET user_name = 'Alice' WHERE sequence_number = 5", 5, "changed");
            data.Add(kind, $"UPDATE {Messages} SET event_type = 'NOTE' WHERE sequence_number = 6", 6, "changed");
            data.Add(kind, $"UPDATE {Messages} SET timestamp = (SELECT created_at FROM collaboration_runs) WHERE sequence_number = 8", 8, "changed");
            data.Add(kind, $"UPDATE {Messages} SET id = @p1 WHERE sequence_number = 6", 6, "changed");
            data.Add(kind, $"UPDATE {Messages} SET signature = 'x' WHERE sequence_number = 6", 6, "changed");
            data.Add(kind, $"UPDATE {Messages} SET signature = NULL WHERE sequence_number = 6", 6, "unsigned");
            data.Add(kind, $"UPDATE {Messages} SET signature = NULL", 5, "unsigned");
            data.Add(kind, $"DELETE FROM {Messages} WHERE sequence_number = 6", 6, "removed");
            data.Add(kind, $"DELETE FROM {Messages} WHERE sequence_number >= 7", 7, "removed");
            data.Add(kind, $"DELETE FROM {Messages} WHERE sequence_number = 5", 5, "removed");
            data.Add(kind, $"DELETE FROM {Messages} WHERE sequence_number = 8; UPDATE collaboration_runs SET last_sequence = 7", 8, "removed");
            data.Add(kind, $"DELETE FROM {Messages} WHERE sequence_number = 6; {Shift(7, 8, -1)}; UPDATE collaboration_runs SET last_sequence = 7", 6, "removed");
            data.Add(kind, $"{Shift(6, 8, 1)}; {Insert(6, from: 5)}; UPDATE collaboration_runs SET last_sequence = 9", 6, "inserted");
            data.Add(kind, $"{Insert(9, from: 8)}; UPDATE collaboration_runs SET last_sequence = 9", 9, "inserted");
            data.Add(kind, Insert(9, from: 8), 9, "inserted");
            data.Add(kind, Insert(3, from: 8), 3, "inserted");
            data.Add(kind, $"{Shift(6, 6, 1000)}; {Shift(7, 7, -1)}; {Shift(1006, 1006, -999)}", 6, "out_of_order");
            data.Add(kind, $"{Shift(5, 5, 1000)}; {Shift(8, 8, -3)}; {Shift(1005, 1005, -997)}", 5, "out_of_order");
            data.Add(kind, """UPDATE collaboration_runs SET folded_state = '{"asOfSequence":4,"grafts":{},"prunedSteps":[],"flags":{}}'""", 4, "state");
            data.Add(kind, "UPDATE collaboration_runs SET state_signature = NULL", 4, "state");
            data.Add(kind, "UPDATE collaboration_runs SET signed_epoch = @p1", 5, "changed");
            if (kind == StoreKind.Sqlite) data.Add(kind, $"UPDATE {Messages} SET message_data = 'no JSON' WHERE sequence_number = 7", 7, "changed");
            data.Add(kind, $"UPDATE {Messages} SET signature = 'other' || substr(signature, 5) WHERE sequence_number = 7", 7, "unknown_key");
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task Verify_names_the_first_wrong_number(StoreKind kind, string tampering, long number, string reason)
    {
        await using var store = await SignedAsync(kind);
        var run = Guid.NewGuid();
        await AppendAsync(store, run, 8);
        await store.Store.TrimAsync(run, Keep, slack: 0, CancellationToken.None);
        var before = await VerifyAsync(store, run);
        Assert.Equal((true, 4, 0, true, 1L), (before.Ok, before.Verified, before.NotSigned, before.StateVerified, before.SignedFrom));

        foreach (var statement in tampering.Split("; ")) await store.ExecuteAsync(statement, run, Guid.NewGuid());

        var after = await VerifyAsync(store, run);
        Assert.Equal((false, number, reason), (after.Ok, after.Wrong?.SequenceNumber, after.Wrong?.Reason));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task The_same_whatever_form_the_data_has_and_readers_get_the_signature(StoreKind kind)
    {
        await using var store = await SignedAsync(kind);
        var run = Guid.NewGuid();
        await using var appender = store.Store.CreateAppender();
        string[] data =
        [
            """{"b":1e2,"a":[-0,1.50,{"z":null,"ä":"\u00e9\ud83d\ude00"}],"a":[true]}""", """{}""", """{"n":123456789012345678901234567890,"s":"\"\\/"}""",
        ];
        var answers = await appender.AppendAsync(
            new([.. data.Select(json => StoreUnderTest.Append(run, data: json))], 1_760_000_000_000), CancellationToken.None);
        Assert.Equal(3, answers.Select(a => a.Signature).OfType<string>().Distinct().Count());

        var snapshot = await store.Store.LoadAsync(run, 0, 10, CancellationToken.None);
        Assert.Equal(answers.Select(a => a.Signature), snapshot.Events.Select(e => e.ToEvent().Signature));
        Assert.Equal(answers.Select(a => a.Signature), (await store.Store.LoadAfterAsync([(run, 0)], 10, CancellationToken.None))[run].Events.Select(e => e.ToEvent().Signature));
        Assert.Equal((true, 3), ((await VerifyAsync(store, run)).Ok, (await VerifyAsync(store, run)).Verified));
        // A repeat is answered, is not signed again, and harms nothing that comes with it.
        var first = StoreUnderTest.Append(run, snapshot.Events.First().ToEvent().MessageId);
        var more = await appender.AppendAsync(new([first, StoreUnderTest.Append(run)], 1_760_000_000_001), CancellationToken.None);
        Assert.Equal([(1, Found.Itself), (4, Found.Nothing)], more.Select(a => ((int)a.Sequence, a.Found)));
        Assert.Equal((true, 4), ((await VerifyAsync(store, run)).Ok, (await VerifyAsync(store, run)).Verified));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Groups_edits_that_clash_and_the_end_are_links_of_the_same_chain(StoreKind kind)
    {
        await using var store = await SignedAsync(kind);
        var run = Guid.NewGuid();
        await AppendAsync(store, run, 2);
        await using var appender = store.Store.CreateAppender();
        Append[] group = [StoreUnderTest.Append(run), StoreUnderTest.Append(run), StoreUnderTest.Append(run, Guid.NewGuid(), type: EventTypes.RunEnd), StoreUnderTest.Append(run)];
        group[1] = group[1] with { Basis = new(0, Subject.Run) };
        var answers = await appender.AppendAsync(
            new(group, 1_760_000_000_000) { Groups = [new(0, 1, IsAtomic: true), new(1, 1, IsAtomic: false)] }, CancellationToken.None);

        Assert.Equal([Found.Nothing, Found.Clash, Found.Nothing, Found.End], answers.Select(a => a.Found));
        var verified = await VerifyAsync(store, run);
        Assert.Equal((true, 4, 4L), (verified.Ok, verified.Verified, verified.LastSequence));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_copy_has_a_chain_of_its_own_and_an_erased_run_begins_another(StoreKind kind)
    {
        await using var store = await SignedAsync(kind);
        var (run, copy, bad) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await AppendAsync(store, run, 9);
        await store.Store.TrimAsync(run, 6, slack: 0, CancellationToken.None);
        Assert.Equal(BranchKind.Made, (await store.Store.BranchAsync(new(run, 8, copy), keep: Keep, CancellationToken.None)).Kind);
        await AppendAsync(store, copy, 2);
        var verified = await VerifyAsync(store, copy);
        Assert.Equal((true, 6, 5L, true, 10L), (verified.Ok, verified.Verified, verified.SignedFrom, verified.StateVerified, verified.LastSequence));

        // What is wrong in the original does not become right in a copy.
        await store.ExecuteAsync($"UPDATE {Messages} SET user_id = 'mallory' WHERE run_id = @p0 AND sequence_number = 7", run);
        await store.Store.BranchAsync(new(run, 8, bad), keep: Keep, CancellationToken.None);
        Assert.Equal((true, null, 0, 4), Summary(await VerifyAsync(store, bad)));

        await store.Store.EraseAsync(run, CancellationToken.None);
        Assert.Equal((true, null, 0, 0), Summary(await VerifyAsync(store, run)));
        await AppendAsync(store, run, 3);
        Assert.Equal((true, 1L, 3, 0), Summary(await VerifyAsync(store, run)));

        await store.Store.RenewEpochsAsync(CancellationToken.None);
        Assert.Equal((true, null, 0, 3), Summary(await VerifyAsync(store, run)));
        await AppendAsync(store, run, 1);
        Assert.Equal((true, 4L, 1, 3), Summary(await VerifyAsync(store, run)));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_was_wrong_when_it_was_trimmed_stays_wrong(StoreKind kind)
    {
        await using var store = await SignedAsync(kind);
        var run = Guid.NewGuid();
        await AppendAsync(store, run, 8);
        await store.ExecuteAsync($"UPDATE {Messages} SET user_id = 'mallory' WHERE sequence_number = 2", run);

        for (var i = 0; i < 2; i++)
        {
            await store.Store.TrimAsync(run, Keep, slack: 0, CancellationToken.None);
            Assert.Equal((2L, WrongReasons.Changed), (await VerifyAsync(store, run)).Wrong is { } wrong ? (wrong.SequenceNumber, wrong.Reason) : default);
            await AppendAsync(store, run, 3);
        }
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_new_key_signs_and_the_old_one_verifies_as_long_as_it_is_there(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await using (var db = store.Open()) await db.Database.MigrateAsync();
        var run = Guid.NewGuid();
        // Before there is a key; then with one; then with another in front.
        await AppendAsync(store, run, 2);
        await AppendAsync(store.With(Settings(OldKey)), run, 3);
        var both = store.With(Settings(Key, OldKey));
        await AppendAsync(both, run, 2);

        Assert.Equal((true, 3L, 5, 2), Summary(await VerifyAsync(both, run)));
        var signatures = (await both.Store.LoadAsync(run, 0, 10, CancellationToken.None)).Events.Select(e => e.ToEvent().Signature?.Split('.')[0]);
        Assert.Equal([null, null, "2025", "2025", "2025", "2026", "2026"], signatures);
        Assert.Equal((3L, WrongReasons.UnknownKey), (await VerifyAsync(store.With(Settings(Key)), run)).Wrong is { } wrong ? (wrong.SequenceNumber, wrong.Reason) : default);
        // An event that a server without the key has stored.
        await AppendAsync(store, run, 1);
        await AppendAsync(both, run, 1);
        Assert.Equal((8L, WrongReasons.NotSigned), (await VerifyAsync(both, run)).Wrong is { } bare ? (bare.SequenceNumber, bare.Reason) : default);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task From_the_time_on_that_is_set_and_what_is_stripped_since_is_found(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(
            kind, postgres, [.. Settings(Key), KeyValuePair.Create("Collab:Signing:StartsAt", (string?)"2025-10-09T09:00:00Z")]);
        await using (var db = store.Open()) await db.Database.MigrateAsync();
        var (run, at) = (Guid.NewGuid(), new DateTimeOffset(2025, 10, 9, 9, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());
        await using (var appender = store.Store.CreateAppender())
        {
            foreach (var time in (long[])[at - 1, at, at + 1]) await appender.AppendAsync(new([StoreUnderTest.Append(run)], time), CancellationToken.None);
        }
        Assert.Equal((true, 2L, 2, 1), Summary(await VerifyAsync(store, run)));

        // As if there had never been a signature.
        await store.ExecuteAsync($"UPDATE {Messages} SET signature = NULL");
        await store.ExecuteAsync("UPDATE collaboration_runs SET signed_epoch = NULL");
        Assert.Equal((2L, WrongReasons.NotSigned), (await VerifyAsync(store, run)).Wrong is { } wrong ? (wrong.SequenceNumber, wrong.Reason) : default);
    }

    [Fact]
    public async Task Two_servers_on_one_database_and_the_outbox_make_one_chain()
    {
        var database = await postgres.CreateDatabaseAsync();
        KeyValuePair<string, string?>[] settings = [.. Settings(Key), ServerUnderTest.KeepAll];
        await using var one = await ServerUnderTest.StartAsync(database, settings);
        await using var two = await ServerUnderTest.StartAsync(database, settings);
        var run = Guid.NewGuid();
        await using var follower = await two.ConnectAsync("follower");
        await follower.JoinAsync(run);
        const int Each = 40;
        await using var first = await one.ConnectAsync();
        await using var second = await two.ConnectAsync("bob");
        await using var db = new Npgsql.NpgsqlConnection($"{database};Pooling=False");
        await db.OpenAsync();

        await Task.WhenAll(
            PublishAsync(first), PublishAsync(second),
            Task.Run(async () =>
            {
                for (var i = 0; i < Each; i++)
                    await Outbox.OutboxSql.ExecuteAsync(db, "INSERT INTO collaboration_outbox (run_id, event_type, data) VALUES (@p0, 'FLAG', '{\"stepId\":\"PM\"}')", null, run);
            }));

        var live = await follower.WaitForSequenceAsync(run, 3 * Each);
        var answer = await one.Api().GetAsync<VerifyResult>($"api/runs/{run}/verify");
        Assert.Equal((true, 1L, 3 * Each, 0), Summary(answer.Value));
        var kept = await one.ReadAsync(run);
        Assert.Equal(kept.Select(e => e.Signature), live.Where(e => e.SequenceNumber is not null).OrderBy(e => e.SequenceNumber).Select(e => e.Signature));

        async Task PublishAsync(HubClient client)
        {
            var acks = Enumerable.Range(0, Each).Select(_ => client.PublishAsync(run, EventTypes.Flag, new { stepId = "SRE" })).ToArray();
            foreach (var ack in acks) await ack;
        }
    }

    [Fact]
    public async Task Who_may_not_read_may_not_verify_and_a_server_without_a_key_says_so()
    {
        await using var server = await ServerUnderTest.StartAsync(StoreKind.Sqlite, postgres);
        var (path, stranger) = ($"api/runs/{Guid.NewGuid()}/verify", new ApiClient(server.Process.BaseAddress, TestTokens.Create("eve", access: [])));

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await stranger.GetAsync<VerifyResult>(path)).Status);
        var answer = await server.Api().GetAsync<VerifyResult>(path);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("Collab:Signing:Key", answer.Body, StringComparison.Ordinal);
    }

    private static KeyValuePair<string, string?>[] Settings(params string[] keys) =>
        [.. keys.Select((key, i) => KeyValuePair.Create($"Collab:Signing:Key:{i}", (string?)key))];

    private static (bool, long?, int, int) Summary(VerifyResult result) => (result.Ok, result.SignedFrom, result.Verified, result.NotSigned);

    private static ValueTask<VerifyResult> VerifyAsync(StoreUnderTest store, Guid run) => store.Store.VerifyAsync(run, CancellationToken.None);

    private static async Task AppendAsync(StoreUnderTest store, Guid run, int count)
    {
        await using var appender = store.Store.CreateAppender();
        for (var i = 0; i < count; i++)
        {
            var data = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new { after = $"S{i % 3}", agentName = $"a{i}" }));
            await appender.AppendAsync(new([StoreUnderTest.Append(run, data: data)], 1_760_000_000_000 + i), CancellationToken.None);
        }
    }

    private static string Shift(long from, long to, long by) =>
        $"UPDATE {Messages} SET sequence_number = -sequence_number WHERE sequence_number BETWEEN {from} AND {to}; "
        + $"UPDATE {Messages} SET sequence_number = {by} - sequence_number WHERE sequence_number < 0";

    private static string Insert(long number, long from) =>
        $"INSERT INTO {Messages} (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical, signature) "
        + $"SELECT run_id, {number}, @p1, 'mallory', user_name, event_type, message_data, timestamp, is_critical, signature FROM {Messages} WHERE sequence_number = {from}";

    private async Task<StoreUnderTest> SignedAsync(StoreKind kind)
    {
        var store = await StoreUnderTest.CreateAsync(kind, postgres, Settings(Key));
        await using var db = store.Open();
        await db.Database.MigrateAsync();
        return store;
    }
}
