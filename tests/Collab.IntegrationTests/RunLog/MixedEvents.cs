using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A long log of grafts, prunes and flags over a few steps, and what it must add up to, worked out here in the plainest way: for each step, look
/// for the last event that is about it. Some steps occur only early, so their events are trimmed long before the end.
/// </summary>
internal static class MixedEvents
{
    private const int Steps = 23;
    private const int Early = 60;

    /// <summary>The type and data of the event with this number.</summary>
    public static (string Type, object Data) At(int number)
    {
        var step = StepOf(number);
        return (number % 3) switch
        {
            0 => (EventTypes.Graft, new { after = step, agentName = AgentOf(number) }),
            1 => (EventTypes.Prune, new { stepId = step, isPruned = IsPruned(number) }),
            _ when NoteOf(number) is { } note => (EventTypes.Flag, new { stepId = step, note }),
            _ => (EventTypes.Flag, new { stepId = step }),
        };
    }

    /// <summary>Publishes the events with these numbers from one connection, without waiting, and checks that they got them.</summary>
    public static async Task PublishAsync(HubClient client, Guid run, int from, int to)
    {
        var numbers = Enumerable.Range(from, to - from + 1).ToArray();
        var acks = await Task.WhenAll(numbers.Select(n =>
        {
            var (type, data) = At(n);
            return client.PublishAsync(run, type, data);
        }));
        Assert.Equal(numbers.Select(n => (long?)n), acks.Select(a => a.SequenceNumber));
    }

    /// <summary>Compares a state with what the events from 1 to <paramref name="count"/> add up to.</summary>
    public static void AssertState(int count, string user, RunState actual)
    {
        Assert.Equal(count, actual.AsOfSequence);
        Assert.Equal(
            LastPerStep(count, 0).ToDictionary(n => StepOf(n), n => new GraftEntry(AgentOf(n), user, n)).OrderBy(g => g.Key, StringComparer.Ordinal),
            actual.Grafts.OrderBy(g => g.Key, StringComparer.Ordinal));
        Assert.Equal(
            LastPerStep(count, 2).ToDictionary(n => StepOf(n), n => new FlagEntry(NoteOf(n), user, n)).OrderBy(f => f.Key, StringComparer.Ordinal),
            actual.Flags.OrderBy(f => f.Key, StringComparer.Ordinal));
        Assert.Equal(LastPerStep(count, 1).Where(IsPruned).Select(StepOf), actual.PrunedSteps);
    }

    /// <summary>Of the events of one kind, for each step the last one; in the order of the log.</summary>
    private static IEnumerable<int> LastPerStep(int count, int kind) =>
        Enumerable.Range(1, count).Where(n => n % 3 == kind).GroupBy(StepOf, StringComparer.Ordinal).Select(ofStep => ofStep.Max()).Order();

    private static string StepOf(int number) =>
        number <= Early ? string.Create(null, $"EARLY_{number / 3}") : string.Create(null, $"STEP_{number * 7 / 3 % Steps}");

    private static string AgentOf(int number) => string.Create(null, $"agent-{number}");

    private static bool IsPruned(int number) => number / 3 % 4 != 0;

    private static string? NoteOf(int number) => number % 2 == 0 ? string.Create(null, $"note {number}") : null;
}
