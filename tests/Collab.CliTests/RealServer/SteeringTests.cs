using System.Text.Json;
using Collab.CliTests.Kit;
using Collab.Protocol;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Publishing, and reading what was published.</summary>
public sealed class SteeringTests(DevelopmentServer server) : IClassFixture<DevelopmentServer>
{
    private readonly string _run = Guid.NewGuid().ToString();

    [Fact]
    public async Task Each_command_publishes_its_event_and_prints_the_number()
    {
        Assert.Equal(["1"], await OutputAsync("graft", _run, "--after", "ARCHITECT", "--agent", "scanner", "--user", "ada"));
        Assert.Equal(["2"], await OutputAsync("prune", _run, "--step", "SRE", "-u", "bob"));
        Assert.Equal(["3"], await OutputAsync("prune", _run, "--step", "SRE", "--undo", "-u", "bob"));
        Assert.Equal(["4"], await OutputAsync("flag", _run, "--step", "PM", "--note", "@why -- \e[31mtwice", "-u", "eve"));
        Assert.Equal(["5"], await OutputAsync("publish", _run, "--type", "FLAG", "--data", """{"stepId":"QA","own":[1]}""", "-u", "eve"));
        Assert.Empty(await OutputAsync("publish", _run, "--type", "CURSOR_MOVE", "--data", """{"nodeId":"PM"}"""));

        var shown = await OutputAsync("replay", _run);
        Assert.Equal(
            ["#1      ada grafted scanner after ARCHITECT", "#2      bob pruned SRE", "#3      bob took SRE back in", @"#4      eve flagged PM: @why -- \u001b[31mtwice", "#5      eve flagged QA"],
            shown.Select(line => line[(line.IndexOf('#', StringComparison.Ordinal))..]));
        Assert.All(shown, line => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  #", line));

        var events = (await OutputAsync("replay", _run, "--json", "--after", "3")).Select(Read).ToArray();
        Assert.Equal([4, 5], events.Select(e => e.SequenceNumber));
        Assert.Equal("@why -- \e[31mtwice", events[0].Data.GetProperty("note").GetString());

        Assert.Equal(["after event #5", "graft  ARCHITECT  scanner (ada, #1)", @"flag   PM  @why -- \u001b[31mtwice (eve, #4)", "flag   QA  (eve, #5)"], await OutputAsync("state", _run));
        var past = JsonSerializer.Deserialize(Assert.Single(await OutputAsync("state", _run, "--at", "2", "--json")), CollabJson.Default.RunState)!;
        Assert.Equal((2, "SRE"), (past.AsOfSequence, Assert.Single(past.PrunedSteps)));
    }

    [Fact]
    public async Task A_run_is_ended_once_and_takes_nothing_more()
    {
        string[] end = ["end", _run, "--outcome", "all \e[2Jreviewed", "--message-id", Guid.NewGuid().ToString()];
        Assert.Equal(["1"], await OutputAsync("graft", _run, "--after", "PM", "--agent", "scanner"));
        Assert.Equal(["2"], await OutputAsync(end));
        Assert.Equal(["2"], (await Tool.RunAsync(server.Environment, end)).Out);

        var late = await Tool.RunAsync(server.Environment, "flag", _run, "--step", "PM");

        Assert.Equal((1, "collab: run_ended: The run has ended and takes no more events."), (late.ExitCode, Assert.Single(late.Error)));
        Assert.EndsWith(@"ended the run: all \u001b[2Jreviewed", (await OutputAsync("replay", _run))[^1], StringComparison.Ordinal);
        Assert.Equal("the run has ended", (await OutputAsync("state", _run))[1]);
        Assert.DoesNotContain("the run has ended", await OutputAsync("state", _run, "--at", "1"));
    }

    [Fact]
    public async Task A_run_begins_as_a_copy_of_another()
    {
        await OutputAsync("flag", _run, "--step", "PM");
        await OutputAsync("flag", _run, "--step", "SRE");
        var copy = Guid.NewGuid().ToString();

        Assert.Equal([copy], await OutputAsync("branch", _run, "--at", "1", "--as", copy));
        var again = JsonSerializer.Deserialize(
            Assert.Single(await OutputAsync("branch", _run, "--at", "1", "--as", copy, "--json")), CollabJson.Default.BranchResult)!;
        Assert.Equal(new BranchOrigin(Guid.Parse(_run), 1), again.BranchedFrom);
        Assert.Equal(["2"], await OutputAsync("flag", copy, "--step", "QA"));
        Assert.Equal(["after event #2", "flag   PM", "flag   QA"], (await OutputAsync("state", copy)).Select(line => line.Split("  (")[0]));
        Assert.True(Guid.TryParse(Assert.Single(await OutputAsync("branch", _run, "--at", "2")), out var made) && made.ToString() != copy);

        var taken = await Tool.RunAsync(server.Environment, "branch", _run, "--at", "2", "--as", copy);
        Assert.Equal(1, taken.ExitCode);
        Assert.Contains("conflict", taken.ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, (await Tool.RunAsync(server.Environment, "branch", _run)).ExitCode);
    }

    [Fact]
    public async Task Repeated_with_its_id_an_event_is_stored_once()
    {
        string[] line = ["flag", _run, "--step", "PM", "--message-id", Guid.NewGuid().ToString()];

        var (first, again) = (await Tool.RunAsync(server.Environment, line), await Tool.RunAsync(server.Environment, [.. line, "--json"]));

        Assert.Equal(["1"], first.Out);
        var ack = JsonSerializer.Deserialize(Assert.Single(again.Out), CollabJson.Default.PublishAck)!;
        Assert.Equal((1, true), (ack.SequenceNumber, ack.Duplicate));
        Assert.Contains("stored before", again.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_can_come_from_standard_input()
    {
        await using var tool = Tool.Start("dotnet", [Tool.Assembly, "publish", _run, "--type", "FLAG", "--data", "-"], server.Environment, """{"stepId":"PM"}""");

        Assert.Equal(["1"], (await tool.EndAsync()).Out);
    }

    [Theory]
    [InlineData("--type", "NOPE", "--data", "{}", "invalid_event")]
    [InlineData("--type", "GRAFT", "--data", """{"after":""}""", "invalid_event")]
    public async Task What_the_server_refuses_is_told_by_its_code(string type, string typeValue, string data, string dataValue, string code)
    {
        var ended = await Tool.RunAsync(server.Environment, "publish", _run, type, typeValue, data, dataValue);

        Assert.Equal(1, ended.ExitCode);
        Assert.Empty(ended.Out);
        Assert.StartsWith($"collab: {code}: ", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_large_an_event_is_refused_too()
    {
        var ended = await Tool.RunAsync(server.Environment, "flag", _run, "--step", "PM", "--note", new string('x', 20_000));

        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith("collab: payload_too_large: ", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_are_no_longer_kept_are_told()
    {
        await server.TrimAsync(Guid.Parse(_run));

        var ended = await Tool.RunAsync(server.Environment, "replay", _run, "--json");

        var events = ended.Out.Select(Read).ToArray();
        var first = events[0].SequenceNumber!.Value;
        Assert.True(first > 1);
        Assert.Equal(Enumerable.Range((int)first, events.Length).Select(n => (long?)n), events.Select(e => e.SequenceNumber));
        Assert.Equal(160, events[^1].SequenceNumber);
        Assert.Contains($"events 1 to {first - 1} are no longer kept", Assert.Single(ended.Error), StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
    }

    private static CollaborationEvent Read(string line) => JsonSerializer.Deserialize(line, CollabJson.Default.CollaborationEvent)!;

    private async Task<string[]> OutputAsync(params string[] line)
    {
        var ended = await Tool.RunAsync(server.Environment, line);
        Assert.True(ended.ExitCode == 0, ended.ErrorText);
        Assert.Empty(ended.Error);
        return ended.Out;
    }
}
