using System.Globalization;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>States that an application adds, and the newest events by a field: they cover all events, on both stores, whatever was trimmed and restarted.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OwnStateTests(PostgresFixture postgres)
{
    private const int Events = 3000;

    private static readonly KeyValuePair<string, string?>[] Configuration =
    [
        new("Collab:Events:COMMENT:Kind", "Critical"),
        new("Collab:Events:COMMENT:LatestBy", "stepId"),
    ];

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_state_of_its_own_covers_all_events_after_a_trim_after_a_restart_and_as_of_any_moment(StoreKind store)
    {
        await using var application = await EmbeddedApplication.StartAsync(store, postgres, Add, Configuration);
        var run = Guid.NewGuid();
        await using (var alice = await application.ConnectAsync("alice"))
        {
            await alice.JoinAsync(run);
            foreach (var batch in Enumerable.Range(1, Events).Chunk(500))
                await Task.WhenAll(batch.Select(n => alice.PublishAsync(run, TypeOf(n), DataOf(n))));
            await alice.WaitForSequenceAsync(run, Events);
        }

        await AssertAsync(application, run);
        await application.RestartAsync();
        await AssertAsync(application, run);
        using var api = application.Api("bob");
        AssertState(2500, (await api.StateAsync(run, 2500)).Value);
        await using var bob = await application.ConnectAsync("bob");
        AssertState(Events, (await bob.JoinAsync(run)).State);
        // And on from there.
        await bob.PublishAsync(run, TypeOf(Events + 1), DataOf(Events + 1));
        AssertState(Events + 1, (await api.StateAsync(run)).Value, lastBy: "bob");
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_event_after_which_the_state_would_be_too_large_is_refused_and_one_that_was_stored_is_not(StoreKind store)
    {
        await using var application = await EmbeddedApplication.StartAsync(
            store, postgres, collab => collab.AddState<Texts>("texts", AddText).Configure(o => o.Limits.StateBytes = 1000), Configuration);
        var (run, other, known) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await application.ConnectAsync("alice");
        using var api = application.Api("alice");
        await alice.PublishAsync(run, "COMMENT", new { text = new string('a', 600) }, known);

        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(alice.PublishAsync(run, "COMMENT", new { text = new string('b', 600) })));
        var refused = await api.PublishAsync(run, "COMMENT", new { text = new string('b', 600) });
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, refused);
        Assert.True((await alice.PublishAsync(run, "COMMENT", new { text = new string('a', 600) }, known)).Duplicate);
        Assert.Equal(1, (await alice.PublishAsync(other, "COMMENT", new { text = new string('b', 600) })).SequenceNumber);
        Assert.Equal(2, (await alice.PublishAsync(run, "COMMENT", new { text = "" })).SequenceNumber);
        Assert.Equal(3, (await alice.PublishAsync(run, "COMMENT", new { text = new string('c', 900) })).SequenceNumber);
    }

    [Fact]
    public async Task A_fold_that_throws_leaves_the_state_as_it_was_and_the_run_goes_on()
    {
        await using var application = await EmbeddedApplication.StartAsync(
            collab => collab.AddState<Texts>("texts", (texts, e) => e.Data.GetProperty("text").GetString() == "poison" ? throw new FormatException("poison") : AddText(texts, e)),
            Configuration);
        var run = Guid.NewGuid();
        await using var alice = await application.ConnectAsync("alice");
        await alice.JoinAsync(run);

        foreach (var text in (string[])["one", "poison", "two"]) await alice.PublishAsync(run, "COMMENT", new { text });
        await alice.WaitForSequenceAsync(run, 3);
        using var api = application.Api("alice");

        Assert.Equal(["one", "two"], (await api.StateAsync(run)).Value.Get<Texts>("texts")!.All);
        await application.Errors.WaitForAsync(errors => errors.Any(e => e.Contains("'texts'", StringComparison.Ordinal) && e.Contains("poison", StringComparison.Ordinal)));
        await application.RestartAsync();
        using var after = application.Api("alice");
        Assert.Equal(["one", "two"], (await after.StateAsync(run)).Value.Get<Texts>("texts")!.All);
    }

    /// <summary>A server may be slow, or stand still, while it folds what it is about to delete.</summary>
    [Fact]
    public async Task A_run_takes_events_while_old_ones_are_folded()
    {
        using var mayGoOn = new ManualResetEventSlim();
        var isTrim = new AsyncLocal<bool>();
        var isFolding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var application = await EmbeddedApplication.StartAsync(
            StoreKind.Postgres, postgres, collab => collab.AddState<Texts>("texts", Wait), Configuration);
        using var api = application.Api("alice");
        var run = Guid.NewGuid();
        for (var n = 0; n < 5; n++) await api.PublishAsync(run, "COMMENT", new { text = "a" });
        var store = application.Services.GetRequiredService<IRunStore>();

        var trimming = Task.Run(async () =>
        {
            isTrim.Value = true;
            return await store.TrimAsync(run, keep: 1, slack: 0, CancellationToken.None);
        });
        await isFolding.Task.WaitAsync(Patience.Default);
        var meanwhile = await api.PublishAsync(run, "COMMENT", new { text = "b" });
        mayGoOn.Set();

        Assert.Equal(6, meanwhile.Value.SequenceNumber);
        Assert.Equal(4, await trimming);
        Assert.Equal(["a", "a", "a", "a", "a", "b"], (await api.StateAsync(run)).Value.Get<Texts>("texts")!.All);

        Texts Wait(Texts state, CollaborationEvent e)
        {
            if (!isTrim.Value) return AddText(state, e);
            isFolding.TrySetResult();
            mayGoOn.Wait();
            return AddText(state, e);
        }
    }

    [Fact]
    public async Task Without_states_of_its_own_a_state_is_what_it_was()
    {
        await using var application = await EmbeddedApplication.StartAsync(_ => { });
        using var api = application.Api("alice");
        var run = Guid.NewGuid();
        await api.PublishAsync(run, EventTypes.Prune, new { stepId = "A", isPruned = true });

        Assert.Equal("""{"asOfSequence":1,"grafts":{},"prunedSteps":["A"],"flags":{},"fingerprint":{"sequence":1,"hash":"0f732f43251db1d65d1da793d9ca7aec"}}""", (await api.GetAsync<JsonElement>($"api/runs/{run}/collaboration/state")).Value.GetRawText());
    }

    private static void Add(CollabBuilder collab) => collab.AddState<Progress>("progress", Count);

    /// <summary>Trims, as the server does by itself some time after.</summary>
    private static async Task AssertAsync(EmbeddedApplication application, Guid run)
    {
        using var api = application.Api("bob");
        AssertState(Events, (await api.StateAsync(run)).Value);
        var store = application.Services.GetRequiredService<IRunStore>();
        await store.TrimAsync(run, keep: 1000, slack: 0, CancellationToken.None);
        AssertState(Events, (await api.StateAsync(run, Events)).Value);
        AssertState(2500, (await api.StateAsync(run, 2500)).Value);
        Assert.Equal(Events - 1000 + 1, (await api.PollAsync(run, 0)).Value.OldestSequence);
    }

    /// <summary>Against what all events up to a number add up to, worked out in the plainest way.</summary>
    private static void AssertState(int upTo, RunState state, string lastBy = "alice")
    {
        Assert.Equal(upTo, state.AsOfSequence);
        var progress = state.Get<Progress>("progress")!;
        var all = Enumerable.Range(1, upTo).ToArray();
        Assert.Equal(all.Where(n => n % 3 == 0).Sum(n => (long)n), progress.Sum);
        Assert.Equal(
            all.GroupBy(StepOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal).OrderBy(e => e.Key, StringComparer.Ordinal),
            progress.PerStep.OrderBy(e => e.Key, StringComparer.Ordinal));
        var comments = all.Where(n => n % 3 == 0).GroupBy(StepOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(), StringComparer.Ordinal);
        var latest = state.Latest!["COMMENT"];
        Assert.Equal(comments.Keys.Order(StringComparer.Ordinal), latest.Keys.Order(StringComparer.Ordinal));
        Assert.All(latest, entry => Assert.Equal(
            (comments[entry.Key], comments[entry.Key], comments[entry.Key] == Events + 1 ? lastBy : "alice"),
            (entry.Value.Data.GetProperty("number").GetInt32(), (int)entry.Value.SequenceNumber, entry.Value.UserId)));
        Assert.Equal("stepId", state.LatestBy!["COMMENT"]);
    }

    private static string TypeOf(int number) => number % 3 == 0 ? "COMMENT" : EventTypes.Flag;

    /// <summary>Early steps are never named again, so their events are trimmed long before the end.</summary>
    private static string StepOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{(number < 100 ? "EARLY" : "STEP")}_{number % 17}");

    private static object DataOf(int number) => new { stepId = StepOf(number), number };

    private static Progress Count(Progress before, CollaborationEvent e)
    {
        var step = e.Data.GetProperty("stepId").GetString()!;
        var perStep = new Dictionary<string, int>(before.PerStep, StringComparer.Ordinal);
        perStep[step] = perStep.GetValueOrDefault(step) + 1;
        return new() { Sum = before.Sum + (e.EventType == "COMMENT" ? e.Data.GetProperty("number").GetInt64() : 0), PerStep = perStep };
    }

    private static Texts AddText(Texts texts, CollaborationEvent e) =>
        e.Data.GetProperty("text").GetString() is { Length: > 0 } text ? new() { All = [.. texts.All, text] } : new();

    private sealed record Progress
    {
        public long Sum { get; init; }

        public IReadOnlyDictionary<string, int> PerStep { get; init; } = new Dictionary<string, int>();
    }

    private sealed record Texts
    {
        public IReadOnlyList<string> All { get; init; } = [];
    }
}
