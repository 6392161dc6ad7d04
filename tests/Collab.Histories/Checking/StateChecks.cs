using System.Text.Json.Nodes;
using static Collab.Histories.Checking.Case;

namespace Collab.Histories.Checking;

/// <summary>The whole truth: a state is what all events up to its number add up to.</summary>
internal static class StateChecks
{
    public static IEnumerable<Violation> Check(Case run)
    {
        var states = run.Logs.ToDictionary(log => log, StatesOf);
        foreach (var read in run.Reads.Where(r => r.State is not null))
        {
            var number = read.State!.Value.GetProperty("asOfSequence").GetInt64();
            var actual = JsonNode.Parse(read.State.Value.GetRawText());
            // One that does not say which log it is of may be of any.
            EpochLog[] logs = run.LogOf(read.Epoch) is { } one ? [one] : [.. run.Logs];
            if (logs.Any(log => Fold.AreEqual(actual, At(states[log], number)))) continue;
            yield return Breach(
                Rule.WrongState,
                $"{Name(read)} has {actual!.ToJsonString()}, and the events up to {number} are {At(states[logs[^1]], number).ToJsonString()}");
        }
    }

    /// <summary>The state after each event, in their order, with that of none before.</summary>
    private static List<(long Number, JsonObject State)> StatesOf(EpochLog log)
    {
        var fold = new Fold();
        var states = new List<(long, JsonObject)> { (0, fold.State) };
        foreach (var e in log.Events)
        {
            fold.Add(e);
            states.Add((e.Number, fold.State));
        }
        return states;
    }

    private static JsonObject At(List<(long Number, JsonObject State)> states, long number) => states.Last(s => s.Number <= number || s.Number == 0).State;
}
