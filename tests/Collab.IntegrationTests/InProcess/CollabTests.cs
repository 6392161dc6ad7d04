using System.Text.Json;
using Collab.AspNetCore;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.Hosting;
using Xunit;
using StepFinished = Collab.IntegrationTests.InProcess.EmbeddingApplication.StepFinished;
using Typing = Collab.IntegrationTests.InProcess.EmbeddingApplication.Typing;

namespace Collab.IntegrationTests.InProcess;

/// <summary>The application publishes, reads and acts inside its own process, by the rules that hold for clients, without their limits.</summary>
[Collection(SharedPostgres.Name)]
public sealed class CollabTests(PostgresFixture postgres)
{
    public static TheoryData<StoreKind> Stores => [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory, MemberData(nameof(Stores))]
    public async Task What_the_application_publishes_reaches_clients_and_is_there_to_read(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await using var alice = await app.ConnectAsync("alice");
        await alice.JoinAsync(run.RunId);

        // More at once than a user may.
        var publishing = Enumerable.Range(1, 50).Select(n => run.PublishAsync(Note(n)).AsTask()).ToArray();
        var acks = await Task.WhenAll(publishing);
        var named = await run.PublishAsync(Note(51), new PublishOptions { UserId = "engine", UserName = "The engine" });

        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
        Assert.Equal(51, named.SequenceNumber);
        await alice.WaitForSequenceAsync(run.RunId, 51);
        var events = (await run.ReadAsync()).Events;
        Assert.Equal(Enumerable.Range(1, 51), events.Select(e => e.Data.GetProperty("n").GetInt32()));
        Assert.All(events.Take(50), e => Assert.Equal(app.Get<IHostEnvironment>().ApplicationName, e.UserId));
        Assert.Equal(("engine", "The engine"), (events[^1].UserId, events[^1].UserName));
        Assert.Equal(events.Select(e => e.MessageId), alice.Events.All.Where(e => e.IsCritical).Select(e => e.MessageId));
        var part = await run.ReadAsync(after: 10, limit: 5);
        Assert.Equal([11L, 12, 13, 14, 15], part.Events.Select(e => e.SequenceNumber!.Value));
        Assert.Equal((true, 51L), (part.HasMore, part.LastSequence));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Several_events_are_one_transaction_with_numbers_in_a_row_and_can_be_sent_again(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        var events = Enumerable.Range(1, 100).Select(n => Note(n) with { MessageId = Guid.CreateVersion7() }).ToArray();

        var beside = Enumerable.Range(1, 50).Select(n => run.PublishAsync(Note(-n)).AsTask()).ToArray();
        var acks = await run.PublishAsync(events);
        await Task.WhenAll(beside);
        var again = await run.PublishAsync(events);

        var first = acks[0].SequenceNumber!.Value;
        Assert.Equal(Enumerable.Range(0, 100).Select(n => (long?)(first + n)), acks.Select(a => a.SequenceNumber));
        Assert.Equal(acks.Select(a => a with { Duplicate = true }), again);
        var taken = new[] { Note(1), Note(2) with { MessageId = events[5].MessageId } };
        var refused = await RefusalOf(run.PublishAsync(taken, new PublishOptions { UserId = "mallory" }).AsTask());
        Assert.Equal(CollabErrorCode.InvalidEvent, refused.Code);
        Assert.StartsWith("events[1]: messageId", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(150, (await run.ReadAsync(after: 149)).LastSequence);
    }

    [Fact]
    public async Task Typed_events_go_by_their_type()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var run = app.Collab.Run(Guid.NewGuid());
        await using var alice = await app.ConnectAsync("alice");
        await alice.JoinAsync(run.RunId);

        var id = Guid.CreateVersion7();
        Assert.Equal(1, (await run.PublishAsync(new StepFinished("PM", 1.5), new PublishOptions { MessageId = id })).SequenceNumber);
        Assert.Null((await run.PublishAsync(new Typing("PM"))).SequenceNumber);

        var e = Assert.Single((await run.ReadAsync()).Events);
        Assert.Equal(("STEP_FINISHED", id, new StepFinished("PM", 1.5)), (e.EventType, e.MessageId, e.As<StepFinished>()));
        await alice.WaitForAsync(events => events.Any(received => received.EventType == "TYPING"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.PublishAsync(new Uri("http://nobody")).AsTask());
        Assert.Contains("$.duration", (await RefusalOf(run.PublishAsync(NewEvent.Create("STEP_FINISHED", new { stepId = "PM", duration = "x" })).AsTask())).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_rule_but_the_limits_holds_and_says_what_is_wrong()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var run = app.Collab.Run(Guid.NewGuid());

        Assert.Equal(CollabErrorCode.InvalidEvent, (await RefusalOf(run.PublishAsync(NewEvent.Create("NOPE", new { })).AsTask())).Code);
        Assert.Equal(CollabErrorCode.InvalidEvent, (await RefusalOf(run.PublishAsync(default(NewEvent)).AsTask())).Code);
        Assert.Contains("USER_JOIN", (await RefusalOf(run.PublishAsync(NewEvent.Create("USER_JOIN", new { })).AsTask())).Detail, StringComparison.Ordinal);
        Assert.Contains("stepId", (await RefusalOf(run.PublishAsync(new NewEvent("FLAG", JsonElement.Parse("{}"))).AsTask())).Detail, StringComparison.Ordinal);
        Assert.Contains("U+0000", (await RefusalOf(run.PublishAsync(NewEvent.Create("FLAG", new { stepId = "\0" })).AsTask())).Detail, StringComparison.Ordinal);
        var large = NewEvent.Create("FLAG", new { stepId = "PM", note = new string('x', 20_000) });
        Assert.Equal(CollabErrorCode.PayloadTooLarge, (await RefusalOf(run.PublishAsync(large).AsTask())).Code);
        var place = await RefusalOf(run.PublishAsync([Note(1), NewEvent.Create("TYPING", new Typing("x"))]).AsTask());
        Assert.StartsWith("events[1]: TYPING", place.Detail, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NewEvent("FLAG", "{"u8.ToArray()));
        await Assert.ThrowsAsync<ArgumentException>(() => run.PublishAsync(Array.Empty<NewEvent>()).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(async () => await run.PublishAsync(Note(1), new PublishOptions { UserId = "" }));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await default(RunHandle).PublishAsync(Note(1)));
        Assert.Equal(1, (await run.PublishAsync(new NewEvent("FLAG", """{"stepId":"PM"}"""u8.ToArray()))).SequenceNumber);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task State_presence_and_the_list_are_what_clients_see(StoreKind kind)
    {
        await using var app = await EmbeddingApplication.StartAsync(kind, postgres);
        var (run, other) = (app.Collab.Run(Guid.NewGuid()), app.Collab.Run(Guid.NewGuid()));
        await run.PublishAsync(NewEvent.Create("PRUNE", new { stepId = "PM", isPruned = true }));
        var before = await other.PublishAsync(Note(1));
        // Times are whole milliseconds: the newest must not share its own with another.
        while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() <= before.Timestamp) await Task.Delay(1);
        await run.PublishAsync(NewEvent.Create("PRUNE", new { stepId = "SRE", isPruned = true }));
        await using var alice = await app.ConnectAsync("alice");
        await alice.JoinAsync(run.RunId);
        await alice.MoveCursorAsync(run.RunId, "PM");

        Assert.Equal(["PM", "SRE"], (await run.GetStateAsync()).PrunedSteps.Order());
        Assert.Equal(["PM"], (await run.GetStateAsync(asOf: 1)).PrunedSteps);
        Assert.Equal(CollabErrorCode.InvalidEvent, (await RefusalOf(run.GetStateAsync(asOf: 9).AsTask())).Code);
        var presence = await run.GetPresenceAsync();
        Assert.Equal(["alice"], presence.ActiveUsers);
        Assert.Equal("PM", presence.CursorPositions["alice"]);
        Assert.Empty((await other.GetPresenceAsync()).ActiveUsers);
        var runs = await app.Collab.ListRunsAsync().Take(10).ToListAsync();
        Assert.Equal([run.RunId, other.RunId], runs.Select(r => r.RunId));
        Assert.Equal((2L, 2L), (runs[0].LastSequence, runs[0].LastEvent!.SequenceNumber));
    }

    [Fact]
    public async Task A_user_is_disconnected_with_a_reason()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        await using var alice = await app.ConnectAsync("alice");
        await using var bob = await app.ConnectAsync("bob");

        Assert.Equal(1, await app.Collab.DisconnectAsync("alice", "The shift is over."));

        Assert.Contains("[kicked] The shift is over.", (await alice.Closed.WaitAsync(Patience.Default))?.Message, StringComparison.Ordinal);
        await bob.JoinAsync(Guid.NewGuid());
        Assert.Equal(0, await app.Collab.DisconnectAsync("nobody"));
    }

    [Fact]
    public async Task Who_is_on_another_server_is_present_too()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await EmbeddingApplication.StartAsync(database);
        await using var two = await EmbeddingApplication.StartAsync(database);
        var run = Guid.NewGuid();
        await using var alice = await one.ConnectAsync("alice");
        await alice.JoinAsync(run);
        await alice.MoveCursorAsync(run, "PM");

        // They have to hear of each other first.
        await Eventually.TrueAsync(async () => (await two.Collab.Run(run).GetPresenceAsync()).CursorPositions.GetValueOrDefault("alice") == "PM");

        Assert.Equal(["alice"], (await two.Collab.Run(run).GetPresenceAsync()).ActiveUsers);
        Assert.Empty((await two.Collab.Run(Guid.NewGuid()).GetPresenceAsync()).ActiveUsers);
    }

    [Fact]
    public async Task All_runs_are_listed_page_by_page()
    {
        await using var app = await EmbeddingApplication.StartAsync(StoreKind.Sqlite, postgres);
        var ids = Enumerable.Range(0, 230).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var id in ids) await app.Collab.Run(id).PublishAsync(Note(1));

        var listed = await app.Collab.ListRunsAsync().Select(r => r.RunId).ToListAsync();

        Assert.Equal(ids.Order(), listed.Order());
    }

    private static NewEvent Note(int n) => NewEvent.Create("FLAG", new { stepId = "PM", n });

    private static async Task<CollabRefusedException> RefusalOf(Task call) =>
        await Record.ExceptionAsync(() => call) as CollabRefusedException ?? throw new InvalidOperationException("It was not refused.");
}
