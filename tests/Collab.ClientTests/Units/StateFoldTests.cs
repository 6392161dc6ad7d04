using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>The cases that every client folds alike.</summary>
public sealed class StateFoldTests
{
    private static readonly JsonArray Cases =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "fold", "cases.json")))!.AsArray();

    public static TheoryData<string> Names => [.. Cases.Select(one => (string)one!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Events_add_up(string name)
    {
        var one = Cases.Single(c => (string)c!["name"]! == name)!;
        var state = one["start"].Deserialize(CollabJson.Default.RunState) ?? RunState.Empty;

        foreach (var e in one["events"]!.AsArray()) state = state.After(e.Deserialize(CollabJson.Default.CollaborationEvent)!);

        var expected = JsonSerializer.SerializeToElement(one["state"]);
        var seen = JsonSerializer.SerializeToElement(state, CollabJson.Default.RunState);
        Assert.True(JsonElement.DeepEquals(expected, seen), seen.GetRawText());
    }

    [Fact]
    public void A_run_that_names_ever_new_steps_stays_bounded()
    {
        var state = RunState.Empty;
        for (var i = 1; i <= 2003; i++)
        {
            state = state.After(Event(2 * i, EventTypes.Flag, $$"""{"stepId":"{{i}}"}"""));
            state = state.After(Event((2 * i) + 1, EventTypes.Prune, $$"""{"stepId":"{{i}}","isPruned":true}"""));
        }

        Assert.Equal(2000, state.Flags.Count);
        Assert.DoesNotContain("3", state.Flags.Keys);
        Assert.Contains("4", state.Flags.Keys);
        Assert.Equal(Enumerable.Range(4, 2000).Select(i => $"{i}"), state.PrunedSteps);
    }

    [Fact]
    public void Long_names_and_notes_are_forgotten_sooner_and_the_newest_always_stays()
    {
        var tenth = new string('<', 10_000);
        var state = RunState.Empty;
        for (var i = 0; i < 12; i++)
        {
            state = state.After(Event((3 * i) + 1, EventTypes.Graft, $$"""{"after":"{{i}}","agentName":"{{tenth}}"}"""));
            state = state.After(Event((3 * i) + 2, EventTypes.Flag, $$"""{"stepId":"{{i}}{{tenth}}"}"""));
            state = state.After(Event((3 * i) + 3, EventTypes.Prune, $$"""{"stepId":"{{i}}{{tenth}}","isPruned":true}"""));
        }

        Assert.Equal([.. Enumerable.Range(3, 9)], state.Grafts.Keys.Select(int.Parse).Order());
        Assert.Equal(9, state.Flags.Count);
        Assert.Equal([.. Enumerable.Range(3, 9).Select(i => $"{i}{tenth}")], state.PrunedSteps);
        Assert.Equal(["SRE"], state.After(Event(37, EventTypes.Flag, $$"""{"stepId":"SRE","note":"{{new string('n', 100_001)}}"}""")).Flags.Keys);
    }

    private static CollaborationEvent Event(long sequence, string type, string data) =>
        new(Guid.Empty, sequence, type, "ana", 0, JsonElement.Parse(data), IsCritical: true, Guid.Empty);
}
