using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.IntegrationTests.Store;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Branches;

/// <summary>A run that begins as a copy of another has its state, its events and their numbers, whatever becomes of the original meanwhile.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BranchStoreTests(PostgresFixture postgres)
{
    private const int Keep = 20;
    private const string User = "alice";

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task At_each_kept_event_the_copy_is_what_the_run_was(StoreKind kind)
    {
        await using var store = await MigratedAsync(kind);
        await using var appender = store.Store.CreateAppender();
        var from = Guid.NewGuid();
        // Not trimmed at all, and more than is kept; then trimmed.
        await AppendAsync(appender, from, 1, 70);
        await AssertCopiesAsync(store, appender, from, 70);
        await AppendAsync(appender, from, 71, 90);
        Assert.Equal(70, await store.Store.TrimAsync(from, Keep, slack: 0, CancellationToken.None));
        await AssertCopiesAsync(store, appender, from, 90);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_repeat_finds_the_copy_and_another_run_is_not_touched(StoreKind kind)
    {
        await using var store = await MigratedAsync(kind);
        await using var appender = store.Store.CreateAppender();
        var (from, copy, other) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await AppendAsync(appender, from, 1, 10);
        await AppendAsync(appender, other, 1, 3);

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () => await BranchAsync(store, from, 7, copy))));
        Assert.Equal([BranchKind.Made, BranchKind.Repeated], both.Select(b => b.Kind).Order());
        Assert.Equal(both[0].Epoch, both[1].Epoch);
        await AppendAsync(appender, copy, 8, 9);
        Assert.Equal(new(BranchKind.Repeated, both[0].Epoch), await BranchAsync(store, from, 7, copy));

        Assert.Equal(BranchKind.Taken, (await BranchAsync(store, from, 6, copy)).Kind);
        Assert.Equal(BranchKind.Taken, (await BranchAsync(store, other, 3, copy)).Kind);
        Assert.Equal(BranchKind.Taken, (await BranchAsync(store, from, 7, other)).Kind);
        Assert.Equal(9, (await LoadAsync(store, copy)).LastSequence);
        Assert.Equal((3, null), ((await LoadAsync(store, other)).LastSequence, (await LoadAsync(store, other)).BranchedFrom));

        // Also where the original is gone; and where the copy is, it is made again, as another log.
        await store.Store.EraseAsync(from, CancellationToken.None);
        Assert.Equal(new(BranchKind.Repeated, both[0].Epoch), await BranchAsync(store, from, 7, copy));
        MixedEvents.AssertState(9, User, StateOf(await LoadAsync(store, copy)));
        await store.Store.EraseAsync(copy, CancellationToken.None);
        var erased = await LoadAsync(store, copy);
        Assert.Equal((0, null), (erased.LastSequence, erased.BranchedFrom));
        var again = await BranchAsync(store, other, 2, copy);
        Assert.Equal(BranchKind.Made, again.Kind);
        Assert.Equal(3, new[] { erased.Epoch, again.Epoch, both[0].Epoch }.Distinct().Count());
        Assert.Equal(new BranchOrigin(other, 2), (await LoadAsync(store, copy)).BranchedFrom);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Copies_are_whole_while_the_original_is_written_to_trimmed_and_erased(StoreKind kind)
    {
        const int Logs = 8, Events = 60;
        await using var store = await MigratedAsync(kind);
        var from = Guid.NewGuid();
        using var done = new CancellationTokenSource();
        var made = 0;
        var writing = Task.Run(async () =>
        {
            await using var appender = store.Store.CreateAppender();
            // A store can be so fast that all of it is written before the first copy.
            for (var log = 0; log < Logs || Volatile.Read(ref made) == 0; log++)
            {
                for (var n = 1; n <= Events; n++)
                {
                    var data = JsonSerializer.SerializeToUtf8Bytes(new { stepId = $"S{n % 7}", note = $"{log}" });
                    await appender.AppendAsync(
                        new([new(from, Guid.CreateVersion7(), EventTypes.Flag, User, null, data)], 1_760_000_000_000 + n), CancellationToken.None);
                }
                await store.Store.EraseAsync(from, CancellationToken.None);
            }
            await done.CancelAsync();
        });
        var trimming = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await store.Store.TrimAsync(from, Keep, slack: 0, CancellationToken.None);
        });
        var copying = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var copy = Guid.NewGuid();
                BranchOutcome outcome;
                try
                {
                    // Where it ends is not known; the refusal says where it would do.
                    outcome = await BranchAsync(store, from, long.MaxValue, copy);
                    Assert.Equal(BranchKind.NotKept, outcome.Kind);
                    if (outcome.Last == 0) continue;
                    outcome = await BranchAsync(store, from, (outcome.First + outcome.Last) / 2, copy);
                }
                catch (StoreException e) when (e.Failure == StoreFailure.Unavailable)
                {
                    continue;
                }
                if (outcome.Kind == BranchKind.NotKept) continue;
                AssertOneLog(await LoadAsync(store, copy));
                Interlocked.Increment(ref made);
            }
        }));
        await Task.WhenAll([writing, trimming, .. copying]).WaitAsync(Patience.Process);
        Assert.NotEqual(0, made);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Handlers_begin_after_what_was_copied_also_those_that_come_later(StoreKind kind)
    {
        await using var store = await MigratedAsync(kind);
        await using var appender = store.Store.CreateAppender();
        var (from, copy, server) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var handlers = store.Store.Handlers;
        await handlers.RegisterAsync("early", onlyNew: false, CancellationToken.None);
        await handlers.RenewAsync(server, CancellationToken.None);
        await AppendAsync(appender, from, 1, 10);
        // A handler that has been at a log of the same id, and was given up there.
        await AppendAsync(appender, copy, 1, 2);
        Assert.Equal(ClaimResult.Claimed, (await handlers.ClaimAsync("early", copy, server, CancellationToken.None)).Result);
        await store.Store.EraseAsync(copy, CancellationToken.None);

        var made = await BranchAsync(store, from, 7, copy);
        await handlers.RegisterAsync("late", onlyNew: false, CancellationToken.None);

        Assert.Equal([from], await handlers.FindWorkAsync("early", 10, CancellationToken.None));
        foreach (var handler in (string[])["early", "late"])
        {
            var claim = await handlers.ClaimAsync(handler, copy, server, CancellationToken.None);
            Assert.Equal((ClaimResult.Claimed, made.Epoch, 7, 0), (claim.Result, claim.Epoch, claim.Position, claim.Attempts));
        }
    }

    private static async Task AssertCopiesAsync(StoreUnderTest store, IRunAppender appender, Guid from, int last)
    {
        var original = await LoadAsync(store, from);
        for (var at = last - Keep + 1; at <= last; at++)
        {
            var copy = Guid.NewGuid();
            var made = await BranchAsync(store, from, at, copy);
            Assert.Equal(BranchKind.Made, made.Kind);
            var snapshot = await LoadAsync(store, copy);
            Assert.Equal((made.Epoch, at), (snapshot.Epoch, (int)snapshot.LastSequence));
            Assert.NotEqual(original.Epoch, snapshot.Epoch);
            Assert.Equal(new BranchOrigin(from, at), snapshot.BranchedFrom);
            Assert.Equal(await PastAsync(store, from, at), Encoding.UTF8.GetString(JsonOf(snapshot)));
            MixedEvents.AssertState(at, User, StateOf(snapshot));
            var events = EventsOf(snapshot).Select(WithoutRun).ToArray();
            Assert.Equal(Math.Min(at, last == 70 ? Keep : at - (last - Keep)), events.Length);
            var same = EventsOf(await store.Store.LoadAsync(from, at - events.Length, 1000, CancellationToken.None));
            Assert.Equal(same.Take(events.Length).Select(WithoutRun), events);
            Assert.All(EventsOf(snapshot), e => Assert.Equal(copy, e.RunId));
        }
        foreach (var at in (long[])[last - Keep, last + 1, long.MaxValue])
            Assert.Equal(new(BranchKind.NotKept, First: last - Keep + 1, Last: last), await BranchAsync(store, from, at, Guid.NewGuid()));
        Assert.Equal(new(BranchKind.NotKept), await BranchAsync(store, Guid.NewGuid(), 1, Guid.NewGuid()));

        // Each goes on by itself; an event that was copied is known there by its id.
        var own = Guid.NewGuid();
        var branch = await BranchAsync(store, from, last - 2, own);
        var known = EventsOf(original).Single(e => e.SequenceNumber == last - 3);
        var answers = await appender.AppendAsync(
            new([StoreUnderTest.Append(own), StoreUnderTest.Append(own, known.MessageId, User, known.EventType)], 1_770_000_000_000, MayRepeat: true),
            CancellationToken.None);
        Assert.Equal([(last - 1, Found.Nothing), (last - 3, Found.Itself)], answers.Select(a => ((int)a.Sequence, a.Found)));
        Assert.Equal(branch.Epoch, answers[0].Epoch);
        Assert.Equal(last, (await LoadAsync(store, from)).LastSequence);
        Assert.Equal(original.Epoch, (await LoadAsync(store, from)).Epoch);
    }

    /// <summary>Numbered without a gap, and folded from the events of one log alone.</summary>
    private static void AssertOneLog(RunSnapshot copy)
    {
        var state = StateOf(copy);
        Assert.Equal(copy.LastSequence, state.AsOfSequence);
        Assert.Single(state.Flags.Values.Select(f => f.Note).Distinct());
        Assert.Equal(
            Enumerable.Range(1, (int)copy.LastSequence).GroupBy(n => $"S{n % 7}").ToDictionary(g => g.Key, g => (long)g.Max()).OrderBy(f => f.Key),
            state.Flags.ToDictionary(f => f.Key, f => f.Value.SequenceNumber).OrderBy(f => f.Key));
        var events = copy.Events.Select(e => e.Sequence).ToArray();
        Assert.InRange(events.Length, 1, Keep);
        Assert.Equal(Enumerable.Range(0, events.Length).Select(i => copy.LastSequence - events.Length + 1 + i), events);
    }

    private async Task<StoreUnderTest> MigratedAsync(StoreKind kind)
    {
        var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        return store;
    }

    private static async Task AppendAsync(IRunAppender appender, Guid run, int from, int to)
    {
        var appends = Enumerable.Range(from, to - from + 1).Select(n =>
        {
            var (type, data) = MixedEvents.At(n);
            return new Append(run, Guid.CreateVersion7(), type, User, null, JsonSerializer.SerializeToUtf8Bytes(data, data.GetType()));
        });
        await appender.AppendAsync(new([.. appends], 1_760_000_000_000), CancellationToken.None);
    }

    private static ValueTask<BranchOutcome> BranchAsync(StoreUnderTest store, Guid from, long at, Guid copy) =>
        store.Store.BranchAsync(new(from, at, copy), Keep, CancellationToken.None);

    private static ValueTask<RunSnapshot> LoadAsync(StoreUnderTest store, Guid run) =>
        store.Store.LoadAsync(run, 0, 1000, CancellationToken.None);

    private static RunState StateOf(RunSnapshot snapshot) => JsonSerializer.Deserialize(JsonOf(snapshot), CollabJson.Default.RunState)!;

    private static CollaborationEvent[] EventsOf(RunSnapshot snapshot) =>
        [.. snapshot.Events.Select(e => JsonSerializer.Deserialize(e.Json, CollabJson.Default.CollaborationEvent)!)];

    private static object WithoutRun(CollaborationEvent e) =>
        (e.SequenceNumber, e.MessageId, e.EventType, e.UserId, e.Timestamp, e.Data.GetRawText());

    private static byte[] JsonOf(RunSnapshot snapshot)
    {
        using var known = new KnownStates(TimeProvider.System);
        var moments = new Moments(Guid.NewGuid(), known);
        var json = moments.Want(0);
        moments.Begin();
        moments.Before(1, snapshot.State);
        return json.Result;
    }

    private static async Task<string> PastAsync(StoreUnderTest store, Guid run, long at)
    {
        using var known = new KnownStates(TimeProvider.System);
        var moments = new Moments(run, known);
        var state = moments.Want(at);
        moments.Begin();
        await store.Store.FoldAsync(run, moments, CancellationToken.None);
        return Encoding.UTF8.GetString(await state);
    }
}
