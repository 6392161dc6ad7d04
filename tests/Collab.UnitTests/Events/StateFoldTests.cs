using System.Globalization;
using System.Text;
using System.Text.Json;
using Collab.Protocol;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>A late joiner sees what all events add up to, and a run that names ever new steps stays bounded.</summary>
public sealed class StateFoldTests
{
    private StateFold _state = new();
    private long _sequence;

    private RunState Now => JsonSerializer.Deserialize(_state.ToJson(), CollabJson.Default.RunState)!;

    [Fact]
    public void The_last_write_wins_for_each_step()
    {
        Apply("GRAFT", """{"after":"PM","agentName":"first"}""", "alice");
        Apply("GRAFT", """{"after":"SRE","agentName":"other"}""", "alice");
        Apply("GRAFT", """{"after":"PM","agentName":"last"}""", "bob");
        Apply("FLAG", """{"stepId":"PM","note":"look"}""", "alice");
        Apply("FLAG", """{"stepId":"PM"}""", "bob");

        Assert.Equal(5, Now.AsOfSequence);
        Assert.Equal(new GraftEntry("last", "bob", 3), Now.Grafts["PM"]);
        Assert.Equal(new GraftEntry("other", "alice", 2), Now.Grafts["SRE"]);
        Assert.Equal(new FlagEntry(null, "bob", 5), Now.Flags["PM"]);
    }

    [Fact]
    public void Pruned_steps_are_in_the_order_of_their_last_pruning()
    {
        foreach (var step in (string[])["a", "b", "c", "a"]) Prune(step, isPruned: true);
        Prune("b", isPruned: false);
        Prune("never pruned", isPruned: false);

        Assert.Equal(["c", "a"], Now.PrunedSteps);
    }

    [Fact]
    public void Other_types_only_move_the_position()
    {
        Apply("COMMENT", """{"stepId":"PM","after":"PM"}""", "alice");

        Assert.Equal(1, Now.AsOfSequence);
        Assert.Empty(Now.Grafts);
        Assert.Empty(Now.Flags);
    }

    [Fact]
    public void Past_the_bound_the_step_touched_first_is_forgotten()
    {
        for (var i = 0; i < StateBounds.MaxEntries; i++) Apply("FLAG", Invariant($$"""{"stepId":"{{i}}"}"""), "alice");
        Apply("FLAG", """{"stepId":"0"}""", "alice");
        Apply("FLAG", """{"stepId":"new"}""", "alice");
        for (var i = 0; i <= StateBounds.MaxEntries; i++) Prune(i.ToString(CultureInfo.InvariantCulture), isPruned: true);

        Assert.Equal(StateBounds.MaxEntries, Now.Flags.Count);
        Assert.Contains("0", Now.Flags.Keys);
        Assert.DoesNotContain("1", Now.Flags.Keys);
        Assert.Equal(StateBounds.MaxEntries, Now.PrunedSteps.Count);
        Assert.Equal("1", Now.PrunedSteps[0]);
    }

    [Fact]
    public void Long_names_and_notes_go_sooner_whether_they_are_new_or_stored()
    {
        var tenth = new string('<', StateBounds.MaxLength / 10);
        for (var i = 0; i < 12; i++)
        {
            Apply("GRAFT", $$"""{"after":"{{i}}","agentName":"{{tenth}}"}""", "alice");
            Apply("FLAG", $$"""{"stepId":"{{i}}{{tenth}}"}""", "alice");
            Prune($"{i}{tenth}", isPruned: true);
            if (i == 6) _state = StateFold.Parse(_state.ToJson());
        }
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9", "10", "11"], Now.Grafts.Keys.OrderBy(k => int.Parse(k, CultureInfo.InvariantCulture)));
        Assert.Equal(9, Now.Flags.Count);
        Assert.Equal([.. Enumerable.Range(3, 9).Select(i => $"{i}{tenth}")], Now.PrunedSteps);

        Apply("FLAG", $$"""{"stepId":"SRE","note":"{{new string('n', StateBounds.MaxLength + 1)}}"}""", "alice");
        Assert.Equal(["SRE"], Now.Flags.Keys);
        // What is set again takes its own place only.
        for (var i = 0; i < 20; i++) Apply("GRAFT", $$"""{"after":"11","agentName":"{{tenth}}"}""", "alice");
        Assert.Equal(9, Now.Grafts.Count);
    }

    [Fact]
    public void Folding_goes_on_where_the_stored_state_ends()
    {
        Apply("GRAFT", """{"after":"PM","agentName":"ü \"x\""}""", "alice");
        Apply("FLAG", """{"stepId":"SRE","note":"n"}""", "alice");
        Prune("a", isPruned: true);
        Prune("b", isPruned: true);
        var restored = StateFold.Parse(_state.ToJson());

        Assert.Equal(3 + 1, restored.AsOfSequence);
        Assert.Equal(_state.ToJson(), restored.ToJson());
        Apply("GRAFT", """{"after":"PM","agentName":"y"}""", "bob");
        restored.Apply(5, "GRAFT", "bob", """{"after":"PM","agentName":"y"}"""u8);
        Assert.Equal(_state.ToJson(), restored.ToJson());
    }

    [Fact]
    public void The_state_before_the_first_event_is_empty()
    {
        Assert.Equal("""{"asOfSequence":0,"grafts":{},"prunedSteps":[],"flags":{}}""", Encoding.UTF8.GetString(StateFold.Parse("{}"u8).ToJson()));
    }

    private void Prune(string step, bool isPruned) =>
        Apply("PRUNE", Invariant($$"""{"stepId":"{{step}}","isPruned":{{(isPruned ? "true" : "false")}}}"""), "alice");

    private void Apply(string type, string data, string userId) => _state.Apply(++_sequence, type, userId, Encoding.UTF8.GetBytes(data));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
