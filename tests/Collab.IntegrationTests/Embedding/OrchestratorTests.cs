using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>The example application, from outside: it does what people want, and a crash costs nothing.</summary>
public sealed partial class OrchestratorTests
{
    private const string StepSeconds = "Orchestrator:StepSeconds";

    [Fact]
    public async Task It_obeys_people_and_goes_on_after_a_crash_in_the_middle_of_a_step()
    {
        // In the first process no step ends.
        var configuration = new Dictionary<string, string?> { [StepSeconds] = "600" };
        await using var server = await StartAsync(configuration);
        using var ana = new ApiClient(server.BaseAddress, TestTokens.Create("ana", admin: true));
        var run = await RunOfAsync(server);
        await WaitForAsync(ana, run, "STEP_STARTED", "PM");
        await ana.PublishAsync(run, "GRAFT", new { after = "QUALIFIER", agentName = "scanner" });
        await ana.PublishAsync(run, "PRUNE", new { stepId = "ARCHITECT", isPruned = true });
        await ana.PublishAsync(run, "FLAG", new { stepId = "DEVELOPER", note = "who pays?" });
        await Eventually.TrueAsync(async () => (await ana.GetAsync<IReadOnlyList<HandlerStatus>>("api/admin/handlers")).Value is [{ Lag: 0 }]);

        await server.KillAsync();
        configuration[StepSeconds] = "0.1";
        await server.StartAgainAsync();

        Assert.Equal(run, await RunOfAsync(server));
        await WaitForAsync(ana, run, "STEP_HELD", "DEVELOPER");
        await ana.PublishAsync(run, "STEP_APPROVED", new { stepId = "DEVELOPER" });
        await WaitForAsync(ana, run, "RUN_END", step: null);

        var said = (await ana.ReplayAsync(run, limit: 1000, userId: "orchestrator")).Value.Events.Select(Text);
        Assert.Equal(
            [
                "STEP_STARTED PM", "STEP_FINISHED PM", "STEP_STARTED QUALIFIER", "STEP_FINISHED QUALIFIER", "STEP_STARTED scanner", "STEP_FINISHED scanner", "STEP_SKIPPED ARCHITECT",
                "STEP_HELD DEVELOPER", "STEP_STARTED DEVELOPER", "STEP_FINISHED DEVELOPER", "STEP_STARTED SRE", "STEP_FINISHED SRE", "RUN_FINISHED ",
                "RUN_END ",
            ],
            said);
        var state = (await ana.GetAsync<JsonElement>($"api/runs/{run}/collaboration/state")).Value;
        Assert.True(state.GetProperty("ended").GetBoolean());
        Assert.Equal("""{"done":5,"skipped":1,"current":null,"isFinished":true}""", state.GetProperty("progress").GetRawText());
    }

    [Fact]
    public async Task A_step_that_is_under_way_can_be_pruned_and_what_nobody_reviews_goes_on()
    {
        await using var server = await StartAsync(new() { [StepSeconds] = "600", ["Orchestrator:ReviewSeconds"] = "0.2" });
        using var ana = new ApiClient(server.BaseAddress, TestTokens.Create("ana"));
        var run = await RunOfAsync(server);
        await WaitForAsync(ana, run, "STEP_STARTED", "PM");

        await ana.PublishAsync(run, "FLAG", new { stepId = "QUALIFIER" });
        await ana.PublishAsync(run, "PRUNE", new { stepId = "PM", isPruned = true });

        await WaitForAsync(ana, run, "STEP_STARTED", "QUALIFIER");
        var said = (await ana.ReplayAsync(run, userId: "orchestrator")).Value.Events.Select(Text);
        Assert.Equal(["STEP_STARTED PM", "STEP_SKIPPED PM", "STEP_HELD QUALIFIER", "STEP_STARTED QUALIFIER"], said);
    }

    private static Task<ServerProcess> StartAsync(Dictionary<string, string?> configuration) => ServerProcess.StartAsync(new ServerSettings
    {
        Project = "docs/examples/orchestrator",
        Configuration = configuration,
    });

    private static async Task<Guid> RunOfAsync(ServerProcess server)
    {
        var lines = await server.Output.WaitForAsync(all => all.Any(line => Address().IsMatch(line)));
        return Guid.Parse(Address().Match(lines.First(line => Address().IsMatch(line))).Groups["run"].Value);
    }

    private static async Task WaitForAsync(ApiClient reader, Guid run, string eventType, string? step)
    {
        var wanted = $"{eventType} {step}";
        for (var after = 0L; ;)
        {
            var poll = await reader.PollAsync(run, after, waitSeconds: 20);
            Assert.True(poll.Value.Events.Count > 0, $"{wanted} did not come");
            if (poll.Value.Events.Any(e => Text(e) == wanted)) return;
            after = poll.Value.Events[^1].SequenceNumber!.Value;
        }
    }

    private static string Text(CollaborationEvent e) => $"{e.EventType} {(e.Data.TryGetProperty("stepId", out var step) ? step.GetString() : "")}";

    [GeneratedRegex("The run is at .*/runs/(?<run>[0-9a-f-]{36})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
