using System.Text;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>What an event is based on is looked at where it gets its number: in the store, so between any two servers.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BasedOnTests(PostgresFixture postgres)
{
    private static readonly string[] StepTypes = [EventTypes.Graft, EventTypes.Prune, EventTypes.Flag];

    public static TheoryData<StoreKind> Stores => [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory, MemberData(nameof(Stores))]
    public async Task An_event_clashes_with_those_after_its_basis_that_touch_the_same_step(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        foreach (var (type, step) in StepTypes.Zip<string, string>(["PM", "PM", "SRE"])) await AppendAsync(store, Step(run, type, step));

        Assert.Equal(4, (await AppendAsync(store, Step(run, EventTypes.Flag, "PM", basedOn: 2))).SequenceNumber);
        var refusal = await RefusalOf(store, Step(run, EventTypes.Flag, "PM", basedOn: 1, user: "bob"));
        Assert.Equal(CollabErrorCode.Conflict, refusal.Code);
        Assert.Equal("Event 4 (FLAG by alice) touches the same, and came after event 1.", refusal.Detail);
        Assert.Equal([2L, 4L], refusal.ConflictingEvents.Select(e => e.SequenceNumber!.Value));
        Assert.Equal([EventTypes.Prune, EventTypes.Flag], refusal.ConflictingEvents.Select(e => e.EventType));
        // Nothing was used up, and who says nothing is asked nothing.
        Assert.Equal(5, (await AppendAsync(store, Step(run, EventTypes.Graft, "PM"))).SequenceNumber);
        Assert.Equal(6, (await AppendAsync(store, Step(run, EventTypes.Graft, "DEVELOPER", basedOn: 0))).SequenceNumber);
        Assert.Equal(7, (await AppendAsync(store, Step(run, EventTypes.Graft, "PM", basedOn: 6))).SequenceNumber);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_type_of_ones_own_is_about_its_field_and_one_without_a_field_about_the_run(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        var note = new AspNetCore.Events.EventType("NOTE", IsCritical: true, AspNetCore.Events.EventSender.Writer) { LatestBy = "key" };
        Append Note(string data, long? basedOn = null)
        {
            var bytes = Encoding.UTF8.GetBytes(data);
            return new Append(run, Guid.CreateVersion7(), note.Name, "alice", UserName: null, bytes)
            {
                Basis = basedOn is { } sequence ? new(sequence, Subject.Of(note, bytes)) : null,
            };
        }
        string[] keys = ["\"7\"", "true", "\"true \"", "8.5", "\"a\\u0062\"", "null"];
        foreach (var key in keys) await AppendAsync(store, Note($$"""{"key":{{key}}}"""));

        // As the state keeps them: a whole number is its digits, text is text however it is written.
        foreach (var (key, clash) in (Dictionary<string, long>)new() { ["7.0"] = 1, ["7"] = 1, ["\"true\""] = 2, ["\"ab\""] = 5 })
            Assert.Equal([clash], (await RefusalOf(store, Note($$"""{"key":{{key}}}""", basedOn: 0))).ConflictingEvents.Select(e => e.SequenceNumber!.Value));
        Assert.Equal(7, (await AppendAsync(store, Note("""{"key":"other"}""", basedOn: 0))).SequenceNumber);
        // Without a value it is about the whole run, and so is a type without a field.
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7], (await RefusalOf(store, Note("{}", basedOn: 0))).ConflictingEvents.Select(e => e.SequenceNumber!.Value));
        Assert.Equal([7L], (await RefusalOf(store, Whole(run, basedOn: 6))).ConflictingEvents.Select(e => e.SequenceNumber!.Value));
        Assert.Equal(8, (await AppendAsync(store, Whole(run, basedOn: 7))).SequenceNumber);
        // Of two types with the same value of two fields one is not about the other's.
        Assert.Equal(9, (await AppendAsync(store, Step(run, EventTypes.Flag, "other", basedOn: 0))).SequenceNumber);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Of_many_clashes_the_newest_ten_are_told(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        for (var i = 0; i < 15; i++) await AppendAsync(store, Step(run, EventTypes.Flag, "PM"));

        var refusal = await RefusalOf(store, Step(run, EventTypes.Flag, "PM", basedOn: 2));
        Assert.Equal(Enumerable.Range(6, 10).Select(n => (long)n), refusal.ConflictingEvents.Select(e => e.SequenceNumber!.Value));
        Assert.Equal(StepData("PM"), refusal.ConflictingEvents[0].Data.ToString());
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task In_one_batch_what_comes_first_stands_and_those_who_saw_it_go_on(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());

        Task<PublishAck>[] queued =
        [
            store.Log.AppendAsync(Step(run, EventTypes.Flag, "PM", basedOn: 0, user: "ana")).AsTask(),
            store.Log.AppendAsync(Step(run, EventTypes.Prune, "PM", basedOn: 0, user: "bob")).AsTask(),
            store.Log.AppendAsync(Step(run, EventTypes.Graft, "SRE", basedOn: 0)).AsTask(),
            store.Log.AppendAsync(Step(run, EventTypes.Flag, "PM", basedOn: 1)).AsTask(),
            store.Log.AppendAsync(Step(other, EventTypes.Flag, "PM", basedOn: 0)).AsTask(),
        ];
        await store.Log.StartAsync(CancellationToken.None);

        var clash = await Assert.ThrowsAsync<RefusedException>(() => queued[1].WaitAsync(Patience.Default));
        Assert.Equal((CollabErrorCode.Conflict, "ana"), (clash.Code, Assert.Single(clash.ConflictingEvents).UserId));
        var stored = new List<long>();
        foreach (var place in (int[])[0, 2, 3, 4]) stored.Add((await queued[place].WaitAsync(Patience.Default)).SequenceNumber!.Value);
        Assert.Equal([1, 2, 3, 1], stored);
        Assert.Equal(3, (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).LastSequence);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Events_that_come_together_do_not_clash_with_each_other(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        await AppendAsync(store, Step(run, EventTypes.Flag, "PM", user: "bob"));
        foreach (var isAtomic in (bool[])[false, true])
        {
            var last = (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).LastSequence;
            var group = store.Log.Append(
                [Step(run, EventTypes.Flag, "PM", basedOn: last), Step(run, EventTypes.Prune, "PM", basedOn: last), Step(run, EventTypes.Graft, "PM", basedOn: last)], isAtomic);
            await group.Completion.WaitAsync(Patience.Default);
            Assert.All(group.Members, member => Assert.Null(member.Refusal));
        }

        // Each for itself: one of them clashes, and the others are stored.
        var inOrder = store.Log.Append([Step(run, EventTypes.Flag, "PM", basedOn: 2), Step(run, EventTypes.Flag, "SRE", basedOn: 2)], isAtomic: false);
        await inOrder.Completion.WaitAsync(Patience.Default);
        Assert.Equal([CollabErrorCode.Conflict, null], inOrder.Members.Select(m => m.Refusal?.Code));
        // Together: nothing is stored, and the place is named.
        var atomic = store.Log.Append([Step(run, EventTypes.Flag, "NEW"), Step(run, EventTypes.Flag, "PM", basedOn: 2), Step(run, EventTypes.Flag, "NEWER")], isAtomic: true);
        await atomic.Completion.WaitAsync(Patience.Default);
        Assert.Equal(CollabErrorCode.Conflict, atomic.Refusal()?.Code);
        Assert.StartsWith("events[1]: Event 7 (GRAFT by alice)", atomic.Refusal()!.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(atomic.Refusal()!.ConflictingEvents);
        Assert.Equal(8, (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).LastSequence);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_repeat_is_a_repeat_whatever_came_after_it(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        var first = Step(run, EventTypes.Flag, "PM", basedOn: 0);
        // As another server would do it: this one's writer knows nothing of them.
        await using (var appender = store.Store.CreateAppender())
            await appender.AppendAsync(new([first, Step(run, EventTypes.Flag, "PM")], 1), CancellationToken.None);

        var ack = await AppendAsync(store, first);
        Assert.Equal((1L, true), (ack.SequenceNumber!.Value, ack.Duplicate));
        Assert.Equal(CollabErrorCode.Conflict, (await RefusalOf(store, Step(run, EventTypes.Flag, "PM", basedOn: 0))).Code);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task What_cannot_be_known_is_refused_and_a_run_that_has_ended_says_so(StoreKind kind)
    {
        await using var store = await StartAsync(kind);
        var run = Guid.NewGuid();
        for (var i = 0; i < 4; i++) await AppendAsync(store, Step(run, EventTypes.Flag, "PM"));
        await store.Store.TrimAsync(run, keep: 2, slack: 0, CancellationToken.None);

        var trimmed = await RefusalOf(store, Step(run, EventTypes.Flag, "SRE", basedOn: 1));
        Assert.Equal((CollabErrorCode.Conflict, "Not all that came after event 1 is kept any more."), (trimmed.Code, trimmed.Detail));
        Assert.Empty(trimmed.ConflictingEvents);
        Assert.Equal(5, (await AppendAsync(store, Step(run, EventTypes.Flag, "SRE", basedOn: 2))).SequenceNumber);
        var beyond = await RefusalOf(store, Step(run, EventTypes.Flag, "PM", basedOn: 6));
        Assert.Equal((CollabErrorCode.Conflict, "The run has no event 6: it may have begun anew."), (beyond.Code, beyond.Detail));
        Assert.Equal(CollabErrorCode.Conflict, (await RefusalOf(store, Step(Guid.NewGuid(), EventTypes.Flag, "PM", basedOn: 1))).Code);

        await AppendAsync(store, new(run, Guid.CreateVersion7(), EventTypes.RunEnd, "alice", UserName: null, "{}"u8.ToArray()));
        Assert.Equal(CollabErrorCode.RunEnded, (await RefusalOf(store, Step(run, EventTypes.Flag, "PM", basedOn: 0))).Code);
        await store.Log.EraseAsync(run, CancellationToken.None);
        Assert.Equal(1, (await AppendAsync(store, Step(run, EventTypes.Flag, "PM", basedOn: 0))).SequenceNumber);
    }

    [Fact]
    public async Task What_stood_against_a_batch_that_failed_stands_against_no_other()
    {
        await using var store = await StartAsync(StoreKind.Sqlite);
        var run = Guid.NewGuid();
        await AppendAsync(store, Step(run, EventTypes.Flag, "PM"));
        await store.ExecuteAsync(
            "CREATE TRIGGER broken BEFORE INSERT ON persisted_collaboration_messages WHEN NEW.user_id = 'broken' BEGIN SELECT RAISE(FAIL, 'no'); END");
        await using var appender = store.Store.CreateAppender();
        Append[] together = [Step(run, EventTypes.Flag, "SRE", user: "broken"), Step(run, EventTypes.Flag, "PM", basedOn: 0)];

        await Assert.ThrowsAsync<StoreException>(() =>
            appender.AppendAsync(new(together, 1) { Groups = [new(0, 2, IsAtomic: false)] }, CancellationToken.None).AsTask());

        Append[] others = [Step(run, EventTypes.Flag, "SRE"), Step(run, EventTypes.Flag, "SRE")];
        Assert.Equal([(2L, Found.Nothing), (3L, Found.Nothing)], (await appender.AppendAsync(new(others, 2), CancellationToken.None)).Select(a => (a.Sequence, a.Found)));
    }

    [Fact]
    public async Task Of_two_servers_that_change_one_step_at_once_exactly_one_does()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = StoreUnderTest.On(database);
        await using var other = StoreUnderTest.On(database);
        await one.Store.MigrateAsync(CancellationToken.None);
        await one.Log.StartAsync(CancellationToken.None);
        await other.Log.StartAsync(CancellationToken.None);
        for (var round = 0; round < 20; round++)
        {
            // Half of the runs are new: there is no row to lock yet.
            var run = Guid.NewGuid();
            var last = round % 2 == 0 ? 0 : (await AppendAsync(one, Step(run, EventTypes.Flag, "SRE"))).SequenceNumber!.Value;
            var edits = Enumerable.Range(0, 8).Select(n => CodeOrNull(n % 2 == 0 ? one : other, Step(run, EventTypes.Flag, "PM", basedOn: last))).ToArray();
            var plain = Enumerable.Range(0, 8).Select(n => CodeOrNull(n % 2 == 0 ? other : one, Step(run, EventTypes.Flag, "DEVELOPER"))).ToArray();

            var codes = await Task.WhenAll(edits).WaitAsync(Patience.Default);
            Assert.Single(codes, code => code is null);
            Assert.Equal(7, codes.Count(code => code == CollabErrorCode.Conflict));
            Assert.All(await Task.WhenAll(plain).WaitAsync(Patience.Default), code => Assert.Null(code));
            var stored = await one.Store.LoadAsync(run, 0, 1000, CancellationToken.None);
            Assert.Equal(last + 9, stored.LastSequence);
            Assert.Equal(stored.LastSequence, stored.Events.Count);
        }
    }

    [Fact]
    public async Task A_run_that_another_session_holds_is_passed_by()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var store = StoreUnderTest.On(database);
        await store.Store.MigrateAsync(CancellationToken.None);
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var appender = store.Store.CreateAppender())
            await appender.AppendAsync(new([Step(run, EventTypes.Flag, "PM")], 1), CancellationToken.None);
        await using var connection = new Npgsql.NpgsqlConnection($"{database};Pooling=False");
        await connection.OpenAsync();
        await using var held = await connection.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("SELECT FROM collaboration_runs FOR UPDATE", connection)) await hold.ExecuteNonQueryAsync();

        var stuck = store.Log.AppendAsync(Step(run, EventTypes.Flag, "PM", basedOn: 1)).AsTask();
        var free = store.Log.AppendAsync(Step(other, EventTypes.Flag, "PM", basedOn: 0)).AsTask();
        await store.Log.StartAsync(CancellationToken.None);

        Assert.Equal(1, (await free.WaitAsync(Patience.Default)).SequenceNumber);
        Assert.Equal(CollabErrorCode.Unavailable, (await Assert.ThrowsAsync<RefusedException>(() => stuck.WaitAsync(Patience.Default))).Code);
    }

    private static Append Step(Guid run, string type, string step, long? basedOn = null, string user = "alice")
    {
        var data = Encoding.UTF8.GetBytes(StepData(step));
        var eventType = new AspNetCore.Events.EventType(type, IsCritical: true, AspNetCore.Events.EventSender.Writer);
        return new(run, Guid.CreateVersion7(), type, user, UserName: null, data)
        {
            Basis = basedOn is { } sequence ? new(sequence, Subject.Of(eventType, data)) : null,
        };
    }

    private static string StepData(string step) => $$"""{"after":"{{step}}","stepId":"{{step}}"}""";

    private static Append Whole(Guid run, long basedOn) => new(run, Guid.CreateVersion7(), "SAID", "alice", UserName: null, "{}"u8.ToArray())
    {
        Basis = new(basedOn, Subject.Run),
    };

    private static Task<PublishAck> AppendAsync(StoreUnderTest store, Append append) =>
        store.Log.AppendAsync(append).AsTask().WaitAsync(Patience.Default);

    private static async Task<RefusedException> RefusalOf(StoreUnderTest store, Append append) =>
        await Assert.ThrowsAsync<RefusedException>(() => AppendAsync(store, append));

    private static async Task<CollabErrorCode?> CodeOrNull(StoreUnderTest store, Append append)
    {
        try
        {
            await store.Log.AppendAsync(append);
            return null;
        }
        catch (RefusedException refusal)
        {
            return refusal.Code;
        }
    }

    private async Task<StoreUnderTest> StartAsync(StoreKind kind)
    {
        var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await store.Log.StartAsync(CancellationToken.None);
        return store;
    }
}
