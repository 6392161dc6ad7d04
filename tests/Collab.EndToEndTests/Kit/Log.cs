using Collab.Protocol;
using Xunit;

namespace Collab.EndToEndTests.Kit;

/// <summary>What must hold for the log of a run.</summary>
internal static class Log
{
    /// <summary>What each of these sent with <see cref="Person.SendGraftsAsync"/> is there once, in the order in which they sent it.</summary>
    public static void IsInOrderOfSending(IReadOnlyList<CollaborationEvent> events, params string[] people)
    {
        foreach (var person in people)
        {
            var agents = AgentsOf(events.Where(e => e.UserId == person)).ToArray();
            Assert.Equal(Enumerable.Range(1, agents.Length).Select(n => $"{person}-{n}"), agents);
        }
    }

    /// <summary>The agents that were grafted, in order.</summary>
    public static IEnumerable<string> AgentsOf(IEnumerable<CollaborationEvent> events) =>
        events.Where(e => e.EventType == EventTypes.Graft).Select(e => e.Data.GetProperty("agentName").GetString()!);
}
