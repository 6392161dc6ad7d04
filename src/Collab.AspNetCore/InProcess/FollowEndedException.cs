using System.Globalization;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>A run can be followed no further from where the reader stands: there is something that it will never get.</summary>
public sealed class FollowEndedException : Exception
{
    internal FollowEndedException(EndingCode code, string message)
        : base(message) => Code = code;

    /// <summary>
    /// <see cref="EndingCode.Replaced"/>: the run was erased or its log replaced; its numbers begin at 1. <see cref="EndingCode.Slow"/>:
    /// events after the last one that came are kept no more; the state has them.
    /// </summary>
    public EndingCode Code { get; }

    internal static FollowEndedException Of(Ending ending) => new(ending.Code, ending.Message);

    internal static FollowEndedException Replaced(long after) => new(
        EndingCode.Replaced,
        string.Create(CultureInfo.InvariantCulture, $"The run has no event {after}: its log was replaced. Begin again from its state."));

    internal static FollowEndedException TooSlow(long after) => new(
        EndingCode.Slow,
        string.Create(CultureInfo.InvariantCulture, $"Events after {after} are kept no more. Begin again from the run's state."));
}
