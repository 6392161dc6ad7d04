using System.Collections.Concurrent;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>The application's word on each publish, by hub and HTTP: refused, changed, allowed, in order however long it takes.</summary>
public sealed class GuardTests : IAsyncLifetime
{
    private EmbeddedApplication _application = null!;

    private Gatekeeper Gate => _application.Services.GetServices<IPublishGuard>().OfType<Gatekeeper>().Single();

    public async Task InitializeAsync() => _application = await EmbeddedApplication.StartAsync(
        collab => collab.AddEvent<Comment>("COMMENT").AddGuard<Gatekeeper>().AddGuard<Signer>());

    public async Task DisposeAsync() => await _application.DisposeAsync();

    [Fact]
    public async Task A_guard_refuses_with_its_own_code_and_sentence()
    {
        await using var alice = await _application.ConnectAsync("alice");
        using var api = _application.Api("alice");
        var run = Guid.NewGuid();

        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(alice.PublishAsync(run, "COMMENT", new { text = "rude" })));
        var answer = await api.PublishAsync(run, "COMMENT", new { text = "rude" });
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, answer);
        Assert.Contains("Be kind.", answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, (await api.ReplayAsync(run)).Value.LastSequence);
    }

    [Fact]
    public async Task Guards_change_the_data_one_after_the_other_and_know_who_publishes()
    {
        await using var alice = await _application.ConnectAsync("alice");
        using var api = _application.Api("bob");
        var run = Guid.NewGuid();

        await alice.PublishAsync(run, "COMMENT", new { text = "shout", more = 1 });
        await api.PublishAsync(run, "COMMENT", new { text = "shout" });

        var events = (await api.ReplayAsync(run)).Value.Events;
        Assert.Equal(
            ["""{"text":"SHOUT","signedBy":"alice"}""", """{"text":"SHOUT","signedBy":"bob"}"""],
            events.Select(e => e.Data.GetRawText()));
    }

    [Fact]
    public async Task Changed_data_is_checked_again()
    {
        using var api = _application.Api("alice");

        var answer = await api.PublishAsync(Guid.NewGuid(), "COMMENT", new { text = "break" });

        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, answer);
        Assert.Contains("$.text is missing.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_that_fails_refuses_for_now_and_is_logged()
    {
        await using var alice = await _application.ConnectAsync("alice");
        using var api = _application.Api("alice");
        var run = Guid.NewGuid();

        Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(alice.PublishAsync(run, "COMMENT", new { text = "fail" })));
        RawHttp.AssertRefused(CollabErrorCode.Unavailable, await api.PublishAsync(run, "COMMENT", new { text = "fail" }));
        await _application.Errors.WaitForAsync(errors => errors.Count(e => e.Contains("Gatekeeper", StringComparison.Ordinal)) == 2);
        Assert.Equal(1, (await alice.PublishAsync(run, "COMMENT", new { text = "fine" })).SequenceNumber);
    }

    [Fact]
    public async Task Publishes_keep_their_order_while_a_guard_takes_its_time_and_others_go_on()
    {
        const int Events = 40;
        await using var alice = await _application.ConnectAsync("alice");
        await using var bob = await _application.ConnectAsync("bob");
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        var ids = Enumerable.Range(0, Events).Select(_ => Guid.NewGuid()).ToArray();

        // Every third waits in the guard for the gate.
        var publishing = ids.Select((id, i) => alice.PublishAsync(run, "COMMENT", new { text = i % 3 == 0 ? "wait" : "fine" }, id)).ToArray();
        await Gate.Waiting.WaitForAsync(waiting => waiting.Count == 1);
        Assert.Equal(1, (await alice.PublishAsync(other, "COMMENT", new { text = "fine" })).SequenceNumber);
        Assert.Equal(1, (await bob.PublishAsync(run, "COMMENT", new { text = "fine" })).SequenceNumber);
        Assert.All(publishing, p => Assert.False(p.IsCompleted));
        Gate.Open();
        await Task.WhenAll(publishing);

        using var api = _application.Api("alice");
        Assert.Equal(ids, (await api.ReplayAsync(run, limit: 1000)).Value.Events.Skip(1).Select(e => e.MessageId));
    }

    [Fact]
    public async Task A_guard_sees_ephemeral_events_too_and_each_type_by_its_name()
    {
        await using var alice = await _application.ConnectAsync("alice");
        var run = Guid.NewGuid();
        await alice.JoinAsync(run);

        await alice.MoveCursorAsync(run, "A");
        await alice.GraftAsync(run);

        Assert.Equal([(EventTypes.CursorMove, false), (EventTypes.Graft, true)], Gate.Seen.Where(seen => seen.Run == run).Select(seen => (seen.Type, seen.IsCritical)));
        Assert.All(Gate.Seen, seen => Assert.True(seen.HasUser));
    }

    internal sealed record Comment(string Text, string? SignedBy = null);

    private sealed class Gatekeeper : IPublishGuard
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Arrivals<Guid> Waiting { get; } = new();

        public ConcurrentQueue<(Guid Run, string Type, bool IsCritical, bool HasUser)> Seen { get; } = new();

        public void Open() => _gate.TrySetResult();

        public async ValueTask<GuardDecision> CheckAsync(PublishContext context)
        {
            Seen.Enqueue((context.RunId, context.EventType, context.IsCritical, context.User is not null));
            if (context.EventType != "COMMENT") return GuardDecision.Allow;
            switch (context.As<Comment>().Text)
            {
                case "rude": return GuardDecision.Refuse(CollabErrorCode.Forbidden, "Be kind.");
                case "shout": return GuardDecision.Replace(new Comment("SHOUT"));
                case "break": return GuardDecision.Replace(new { nothing = true });
                case "fail": throw new InvalidOperationException("The dictionary is closed.");
                case "wait":
                    Waiting.Add(context.MessageId);
                    await _gate.Task;
                    break;
            }
            return GuardDecision.Allow;
        }
    }

    private sealed class Signer : IPublishGuard
    {
        public ValueTask<GuardDecision> CheckAsync(PublishContext context) => new(
            context.EventType == "COMMENT" && context.Data.GetProperty("text").GetString() == "SHOUT"
                ? GuardDecision.Replace(context.As<Comment>() with { SignedBy = context.UserId })
                : GuardDecision.Allow);
    }
}
