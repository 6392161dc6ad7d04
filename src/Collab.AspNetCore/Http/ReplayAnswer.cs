using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;

namespace Collab.AspNetCore.Http;

/// <summary>What a replay is answered: a page of the events that were asked for, and how many there are in all.</summary>
internal sealed class ReplayAnswer(RunView view, LoggedEvent[] matching, int limit)
    : EventsJson(matching.AsMemory(0, Math.Min(matching.Length, limit)))
{
    protected override void WriteBefore(Utf8JsonWriter json) => RunViewJson.WriteRun(json, view);

    protected override void WriteAfter(Utf8JsonWriter json)
    {
        json.WriteNumber("totalEvents"u8, matching.Length);
        json.WriteBoolean("hasMore"u8, matching.Length > limit);
    }
}
