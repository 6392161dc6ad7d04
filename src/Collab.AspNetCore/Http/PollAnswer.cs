using System.Text.Json;
using Collab.AspNetCore.FanOut;

namespace Collab.AspNetCore.Http;

/// <summary>What a poll is answered: the events that are new to the caller, and who is there.</summary>
internal sealed class PollAnswer(RunView view) : EventsJson(view.Events)
{
    protected override void WriteBefore(Utf8JsonWriter json) => RunViewJson.WriteRun(json, view);

    protected override void WriteAfter(Utf8JsonWriter json)
    {
        json.WriteBoolean("truncated"u8, view.Truncated);
        RunViewJson.WriteFold(json, view);
        RunViewJson.WritePresence(json, view);
    }
}
