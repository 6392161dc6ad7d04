using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Collab.EmbeddedSample;

// <eventTypes>
internal sealed record StepFinished(
    [MinLength(1)] string StepId,
    [Range(0, 86_400)] int Duration,
    Outcome Outcome = Outcome.Succeeded,
    IReadOnlyList<Artifact>? Artifacts = null);

internal sealed record Artifact([MinLength(1)] string Name, Uri? Address = null);

[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    Succeeded,
    Failed,
}

internal sealed record Typing(string StepId, bool IsTyping);
// </eventTypes>

internal sealed record Comment([MinLength(1)] string StepId, string Text);
