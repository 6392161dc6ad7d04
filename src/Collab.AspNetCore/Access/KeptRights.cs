using System.Security.Claims;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Access;

/// <summary>
/// What one connection may do with which run: each answer of the application's rule is kept for half a minute, so that a publish needs
/// none, and for what the connection follows it is asked for again before that is over (<see cref="AskAgainAsync"/>).
/// </summary>
/// <param name="rights">Asks the application's rule.</param>
/// <param name="user">The connection's user, as the newest token says.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Ends with the connection.</param>
internal sealed class KeptRights(RunRights rights, Func<ClaimsPrincipal> user, TimeProvider time, CancellationToken ended)
{
    /// <summary>For so long an answer is good for publishes.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private const int MaxKept = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Answer> _answers = new(KeyedGuids.Instance);

    /// <summary>What the connection may do with the run. Does not wait where the answer is known.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>: the rule failed.</exception>
    public ValueTask<RunAccess> AccessAsync(Guid runId)
    {
        lock (_gate)
        {
            if (_answers.TryGetValue(runId, out var known) && time.GetElapsedTime(known.At) < KeptFor) return new(known.Access);
        }
        var asked = rights.GetAccessAsync(user(), runId, ended);
        return asked.IsCompletedSuccessfully ? new(Keep(runId, asked.Result)) : KeepAnswerAsync(runId, asked);
    }

    /// <summary>How long ago the rule answered for a run; as long as can be if it never did.</summary>
    public TimeSpan AgeOf(Guid runId)
    {
        lock (_gate) return _answers.TryGetValue(runId, out var known) ? time.GetElapsedTime(known.At) : TimeSpan.MaxValue;
    }

    /// <summary>
    /// For which of some runs the rule was last asked so long ago, whatever came of it. A rule that fails is not asked all the time.
    /// </summary>
    public IReadOnlyList<Guid> Due(Guid[] runs, TimeSpan after)
    {
        List<Guid>? due = null;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var run in runs)
            {
                if (!_answers.TryGetValue(run, out var known) || time.GetElapsedTime(known.AskedAt, now) >= after) (due ??= []).Add(run);
            }
        }
        return due ?? (IReadOnlyList<Guid>)[];
    }

    /// <summary>
    /// Asks the rule, whatever it has answered before. If it fails, with what it throws: the pass over all connections logs it.
    /// </summary>
    public async ValueTask<RunAccess> AskAgainAsync(Guid runId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_answers.TryGetValue(runId, out var known)) _answers[runId] = known with { AskedAt = time.GetTimestamp() };
        }
        return await KeepAnswerAsync(runId, rights.AskAgainAsync(user(), runId, cancellationToken));
    }

    /// <summary>The answer that was given when the connection was let in.</summary>
    public RunAccess Keep(Guid runId, RunAccess access)
    {
        lock (_gate)
        {
            if (_answers.Count >= MaxKept) _answers.Clear();
            var now = time.GetTimestamp();
            _answers[runId] = new(access, At: now, AskedAt: now);
        }
        return access;
    }

    private async ValueTask<RunAccess> KeepAnswerAsync(Guid runId, ValueTask<RunAccess> asked) => Keep(runId, await asked);

    private readonly record struct Answer(RunAccess Access, long At, long AskedAt);
}
