using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>A .NET client with the rule of a state has what the server has, event by event.</summary>
public sealed class SameStateTests
{
    [Fact]
    public async Task Client_and_server_end_with_the_same_state()
    {
        await using var application = await EmbeddedApplication.StartAsync(
            collab => collab.AddState<Tally>("tally", Tally.After),
            [new("Collab:Events:COMMENT:Kind", "Critical"), new("Collab:Events:COMMENT:LatestBy", "stepId")]);
        var runId = Guid.NewGuid();
        var options = new CollabClientOptions { BaseAddress = application.Address, Token = _ => new(TestTokens.Create("bob")) }.AddState<Tally>("tally", Tally.After);
        await using var client = new CollabClient(options);
        // From an empty run on, and into one that has a history.
        await using var first = await client.ConnectAsync(runId);
        await using var alice = await application.ConnectAsync("alice");
        for (var i = 0; i < 30; i++) await alice.PublishAsync(runId, "COMMENT", new { stepId = i % 7, text = $"ü{i}" });
        await using var later = new CollabClient(options);
        await using var second = await later.ConnectAsync(runId);
        for (var i = 30; i < 60; i++) await alice.PublishAsync(runId, i % 2 == 0 ? "COMMENT" : EventTypes.Flag, new { stepId = $"{i % 7}", text = $"ü{i}" });

        using var api = application.Api("carol");
        var server = (await api.GetAsync<JsonElement>($"api/runs/{runId}/collaboration/state")).Value;
        foreach (var run in (RunConnection[])[first, second])
        {
            var seen = await run.WaitForAsync(now => now.State.AsOfSequence == 60).WaitAsync(Patience.Default);
            var state = JsonSerializer.SerializeToElement(seen.State with { Fingerprint = StateFingerprint.Of(seen.State) }, CollabJson.Default.RunState);
            Assert.True(JsonElement.DeepEquals(server, state), $"{server}\n{state}");
            Assert.Equal(0, seen.Health.FingerprintMismatches);
            Assert.Equal((60, "alice"), (seen.State.Get<Tally>("tally")!.Events, seen.State.Get<Tally>("tally")!.LastBy));
        }
    }

    internal sealed record Tally
    {
        public int Events { get; init; }

        public string LastBy { get; init; } = "";

        public static Tally After(Tally before, CollaborationEvent e) => new() { Events = before.Events + 1, LastBy = e.UserId };
    }
}
