using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>The cases that every client folds alike.</summary>
public sealed class StateFoldTests
{
    private static readonly JsonArray Cases = FoldCases.All;

    public static TheoryData<string> Names => [.. FoldCases.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Events_add_up(string name)
    {
        var one = Cases.Single(c => (string)c!["name"]! == name)!;
        var fold = new StateFold(one["start"].Deserialize(CollabJson.Default.RunState), ShapeOf(one));

        foreach (var e in one["events"]!.AsArray()) fold.Apply(e.Deserialize(CollabJson.Default.CollaborationEvent)!);

        var expected = JsonSerializer.SerializeToElement(one["state"]);
        var seen = JsonSerializer.SerializeToElement(fold.State, CollabJson.Default.RunState);
        Assert.True(JsonElement.DeepEquals(expected, seen), seen.GetRawText());
        Assert.Equal(new StateFingerprint((long)one["state"]!["asOfSequence"]!, (string)one["fingerprint"]!), StateFingerprint.Of(fold.State));
    }

    [Fact]
    public void What_was_shown_never_changes()
    {
        var fold = new StateFold();
        fold.Apply(Event(1, EventTypes.Graft, """{"after":"PM","agentName":"first"}"""));
        fold.Apply(Event(2, EventTypes.Prune, """{"stepId":"SRE","isPruned":true}"""));
        var shown = fold.State;
        Assert.Same(shown, fold.State);

        fold.Apply(Event(3, EventTypes.Graft, """{"after":"PM","agentName":"last"}"""));
        fold.Apply(Event(4, EventTypes.Prune, """{"stepId":"SRE","isPruned":false}"""));
        fold.Apply(Event(5, EventTypes.Flag, """{"stepId":"PM"}"""));
        fold.Apply(Event(5, EventTypes.Flag, """{"stepId":"QUALIFIER"}"""));

        Assert.Equal((2, "first", 1, 0), (shown.AsOfSequence, shown.Grafts["PM"].AgentName, shown.PrunedSteps.Count, shown.Flags.Count));
        Assert.Equal((5, "last", 0, 1), (fold.State.AsOfSequence, fold.State.Grafts["PM"].AgentName, fold.State.PrunedSteps.Count, fold.State.Flags.Count));
        Assert.Same(fold.State.Grafts, With(fold, Event(6, EventTypes.Flag, """{"stepId":"PM"}""")).Grafts);
    }

    private static StateShape ShapeOf(JsonNode one) => one["states"] is null ? StateShape.Followed : new CollabClientOptions()
        .AddState("progress", new CaseProgress(), (progress, e) =>
            e.EventType != "STEP_FINISHED" ? progress
            : e.Data.TryGetProperty("boom", out _) ? throw new FormatException("boom")
            : new(progress.Done + 1, e.Data.GetProperty("stepId").GetString()), (JsonTypeInfo<CaseProgress>)OwnStateJson.Options.GetTypeInfo(typeof(CaseProgress)))
        .Shape(NullLogger.Instance);

    private static RunState With(StateFold fold, CollaborationEvent e)
    {
        fold.Apply(e);
        return fold.State;
    }

    private static CollaborationEvent Event(long sequence, string type, string data) =>
        new(Guid.Empty, sequence, type, "ana", 0, JsonElement.Parse(data), IsCritical: true, Guid.Empty);
}
