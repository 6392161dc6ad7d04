using System.Text.Json;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>A piece of a sentence.</summary>
/// <param name="Text">What it says.</param>
/// <param name="IsName">Whether a user chose it: a name, which stands out and may be of any script.</param>
/// <param name="IsIsolated">Whether a user wrote it, so that its direction is its own; a name's is too.</param>
internal readonly record struct Words(string Text, bool IsName = false, bool IsIsolated = false);

/// <summary>An event in English, as on the demo page: <c>ana grafted security-scanner-v1 after ARCHITECT</c>.</summary>
internal static class Sentence
{
    /// <param name="e">The event.</param>
    /// <param name="user">What to call who caused it.</param>
    public static IEnumerable<Words> Of(CollaborationEvent e, string user) => [new(user, IsName: true), .. Predicate(e)];

    private static IEnumerable<Words> Predicate(CollaborationEvent e) => e.EventType switch
    {
        EventTypes.Graft => [new(" grafted "), Name(e, "agentName"), new(" after "), Name(e, "after")],
        EventTypes.Prune => [new(IsRestored(e) ? " restored " : " pruned "), Name(e, "stepId")],
        EventTypes.Flag when Text(e, "note") is { } note =>
            [new(" flagged "), Name(e, "stepId"), new(": “"), new(note, IsIsolated: true), new("”")],
        EventTypes.Flag => [new(" flagged "), Name(e, "stepId")],
        EventTypes.RunEnd when Text(e, "outcome") is { } outcome =>
            [new(" ended the run: “"), new(outcome, IsIsolated: true), new("”")],
        EventTypes.RunEnd => [new(" ended the run")],
        EventTypes.UserJoin => [new(" joined")],
        EventTypes.UserLeave => [new(" left")],
        _ => [new(" sent "), new(e.EventType, IsName: true)],
    };

    private static Words Name(CollaborationEvent e, string field) => new(Text(e, field) ?? "?", IsName: true);

    private static bool IsRestored(CollaborationEvent e) => Field(e, "isPruned") is { ValueKind: JsonValueKind.False };

    /// <summary>A text that is not empty; what else an event of any type may hold there is none.</summary>
    private static string? Text(CollaborationEvent e, string field)
    {
        try
        {
            return Field(e, field) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text. One event must not take the page down.
            return null;
        }
    }

    private static JsonElement? Field(CollaborationEvent e, string field) =>
        e.Data.ValueKind is JsonValueKind.Object && e.Data.TryGetProperty(field, out var value) ? value : null;
}
