using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Access;

/// <summary>
/// What one connection may do with which run: each answer of the application's rule is kept for half a minute, so that a publish needs none, and for
/// what the connection follows it is asked for again before that is over (<see cref="AskAgainAsync"/>).
/// </summary>
/// <param name="rule">Asks the application's rule about the connection's user.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Ends with the connection.</param>
internal sealed class KeptRights(Func<Guid, CancellationToken, ValueTask<RunAccess>> rule, TimeProvider time, CancellationToken ended)
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
        var asked = rule(runId, ended);
        return asked.IsCompletedSuccessfully ? new(Keep(runId, asked.Result)) : KeepAnswerAsync(runId, asked);
    }

    /// <summary>How long ago the rule answered for a run; as long as can be if it never did.</summary>
    public TimeSpan AgeOf(Guid runId)
    {
        lock (_gate) return _answers.TryGetValue(runId, out var known) ? time.GetElapsedTime(known.At) : TimeSpan.MaxValue;
    }

    /// <summary>Whether the rule was last asked for a run so long ago, whatever came of it. A rule that fails is not asked all the time.</summary>
    public bool IsDue(Guid runId, TimeSpan after)
    {
        lock (_gate) return !_answers.TryGetValue(runId, out var known) || time.GetElapsedTime(known.AskedAt) >= after;
    }

    /// <summary>Asks the rule, whatever it has answered before.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c>: the rule failed.</exception>
    public async ValueTask<RunAccess> AskAgainAsync(Guid runId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_answers.TryGetValue(runId, out var known)) _answers[runId] = known with { AskedAt = time.GetTimestamp() };
        }
        return await KeepAnswerAsync(runId, rule(runId, cancellationToken));
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
