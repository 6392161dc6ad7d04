using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>The parts that the answers of join, poll, replay and stream have in common; events are copied as they are.</summary>
internal static class RunViewJson
{
    public static void WriteLog(Utf8JsonWriter writer, RunView view)
    {
        WriteRun(writer, view);
        WriteEvents(writer, view.Events);
    }

    public static void WriteRun(Utf8JsonWriter writer, RunView view)
    {
        writer.WriteString("runId"u8, view.RunId);
        writer.WriteString("epoch"u8, view.Epoch);
        writer.WriteNumber("lastSequence"u8, view.LastSequence);
        writer.WriteNumber("oldestSequence"u8, view.OldestSequence);
        if (view.HasEnded) writer.WriteBoolean("ended"u8, true);
        WriteOrigin(writer, view.BranchedFrom);
    }

    /// <summary>What a client needs that folds the events, and to know that it does so as the server does.</summary>
    public static void WriteFold(Utf8JsonWriter writer, RunView view)
    {
        if (view.Fingerprint is { } fingerprint) WriteFingerprint(writer, fingerprint.Value);
        if (view.LatestBy is not { } fields) return;
        writer.WriteStartObject("latestBy"u8);
        foreach (var (type, field) in fields) writer.WriteString(type, field);
        writer.WriteEndObject();
    }

    public static void WriteFingerprint(Utf8JsonWriter writer, StateFingerprint fingerprint)
    {
        writer.WriteStartObject("fingerprint"u8);
        writer.WriteNumber("sequence"u8, fingerprint.Sequence);
        writer.WriteString("hash"u8, fingerprint.Hash);
        writer.WriteEndObject();
    }

    /// <summary>Nothing, where the run is no copy of another.</summary>
    public static void WriteOrigin(Utf8JsonWriter writer, BranchOrigin? origin)
    {
        if (origin is null) return;
        writer.WriteStartObject("branchedFrom"u8);
        writer.WriteString("runId"u8, origin.RunId);
        writer.WriteNumber("sequence"u8, origin.Sequence);
        writer.WriteEndObject();
    }

    public static void WriteEvents(Utf8JsonWriter writer, ReadOnlySpan<LoggedEvent> events)
    {
        writer.WriteStartArray("events"u8);
        foreach (var e in events) writer.WriteRawValue(e.Json, skipInputValidation: true);
        writer.WriteEndArray();
    }

    public static void WritePresence(Utf8JsonWriter writer, RunView view)
    {
        WriteUsers(writer, view.ActiveUsers);
        writer.WriteStartObject("cursorPositions"u8);
        foreach (var (userId, nodeId) in view.CursorPositions) writer.WriteString(userId, nodeId);
        writer.WriteEndObject();
        if (view.UserNames.Count > 0)
        {
            writer.WriteStartObject("userNames"u8);
            foreach (var (userId, name) in view.UserNames) writer.WriteString(userId, name);
            writer.WriteEndObject();
        }
        if (view.Presence is null) return;
        writer.WritePropertyName("presence"u8);
        JsonSerializer.Serialize(writer, view.Presence, CollabJson.Default.IReadOnlyListPresenceEntry);
    }

    public static void WriteUsers(Utf8JsonWriter writer, IReadOnlyList<string> users)
    {
        writer.WriteStartArray("activeUsers"u8);
        foreach (var userId in users) writer.WriteStringValue(userId);
        writer.WriteEndArray();
    }
}
