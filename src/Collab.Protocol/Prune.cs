using System.ComponentModel.DataAnnotations;

namespace Collab.Protocol;

/// <summary>What a <see cref="EventTypes.Prune"/> says: a step is skipped, or taken back in.</summary>
/// <param name="StepId">The step.</param>
/// <param name="IsPruned">True: skipped. False: back in.</param>
public sealed record Prune([property: StringLength(int.MaxValue, MinimumLength = 1)] string StepId, bool IsPruned);
