using System.ComponentModel.DataAnnotations;

namespace Collab.Protocol;

/// <summary>What a <see cref="EventTypes.Flag"/> says: a step is marked for review.</summary>
/// <param name="StepId">The step.</param>
/// <param name="Note">What the marker wrote, if anything.</param>
public sealed record Flag([property: StringLength(int.MaxValue, MinimumLength = 1)] string StepId, string? Note = null);
