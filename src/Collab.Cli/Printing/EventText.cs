using System.Globalization;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.Cli.Printing;

/// <summary>An event as a line: time, number, who, and what happened.</summary>
internal static class EventText
{
    /// <summary>For people.</summary>
    /// <param name="e">The event.</param>
    /// <param name="terminal">Where it goes.</param>
    /// <param name="name">What else is known of what to call its user.</param>
    public static string Line(CollaborationEvent e, Terminal terminal, string? name = null)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(e.Timestamp).ToLocalTime();
        var time = at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var number = e.SequenceNumber is { } sequence ? $"#{sequence}" : "";
        return $"{terminal.Dim(time)}  {number,-6}  {terminal.Bold(Plain.Text(e.UserName ?? name ?? e.UserId))} {Sentence(e)}";
    }

    /// <summary>For scripts: what goes over the wire. What is not ASCII is escaped, so it does a terminal no harm either.</summary>
    public static string Json(CollaborationEvent e) => JsonSerializer.Serialize(e, CollabJson.Default.CollaborationEvent);

    /// <summary>What the user has done.</summary>
    public static string Sentence(CollaborationEvent e) => e.EventType switch
    {
        EventTypes.Graft => $"grafted {Value(e, "agentName")} after {Value(e, "after")}",
        EventTypes.Prune => IsTrue(e, "isPruned") ? $"pruned {Value(e, "stepId")}" : $"took {Value(e, "stepId")} back in",
        EventTypes.Flag when Value(e, "note") is { Length: > 0 } note => $"flagged {Value(e, "stepId")}: {note}",
        EventTypes.Flag => $"flagged {Value(e, "stepId")}",
        EventTypes.RunEnd when Value(e, "outcome") is { Length: > 0 } outcome => $"ended the run: {outcome}",
        EventTypes.RunEnd => "ended the run",
        EventTypes.UserJoin => $"joined, {Value(e, "activeUserCount")} here",
        EventTypes.UserLeave => $"left, {Value(e, "activeUserCount")} here",
        EventTypes.CursorMove => Value(e, "nodeId") is { Length: > 0 } step ? $"is at {step}" : "is nowhere",
        _ => $"{Plain.Text(e.EventType)} {Plain.Text(e.Data.GetRawText())}",
    };

    private static string Value(CollaborationEvent e, string name) => Find(e, name) switch
    {
        { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        { } value => Plain.Text(value.ToString()),
        null => "",
    };

    private static bool IsTrue(CollaborationEvent e, string name) => Find(e, name) is { ValueKind: JsonValueKind.True };

    private static JsonElement? Find(CollaborationEvent e, string name) =>
        e.Data.ValueKind == JsonValueKind.Object && e.Data.TryGetProperty(name, out var value) ? value : null;
}
