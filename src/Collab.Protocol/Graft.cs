using System.ComponentModel.DataAnnotations;

namespace Collab.Protocol;

/// <summary>What a <see cref="EventTypes.Graft"/> says: an agent is inserted into the pipeline.</summary>
/// <param name="After">The step that it comes after.</param>
/// <param name="AgentName">The agent.</param>
public sealed record Graft(
    [property: StringLength(int.MaxValue, MinimumLength = 1)] string After,
    [property: StringLength(int.MaxValue, MinimumLength = 1)] string AgentName);
