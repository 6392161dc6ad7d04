using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// The runs of one writer whose rows another session holds. To find that out takes a wait, and all that is behind it waits too: so such a
/// run is refused without asking for a while, and then tried again, after all others.
/// </summary>
internal sealed class StuckRuns(TimeProvider time)
{
    /// <summary>
    /// How long a run is refused without asking: some times the wait for its row, so that its writer does not spend its time on that.
    /// </summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // Nobody may publish to a run again, and then nobody ever finds out that it is free.
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, long> _since = new(KeyedGuids.Instance);

    public static RefusedException Refusal() => new(CollabErrorCode.Unavailable, "The run is locked in the event store. Try again.");

    public bool IsEmpty => _since.Count == 0;

    public bool Contains(Guid runId) => _since.ContainsKey(runId);

    /// <summary>The runs that it is too early to try again.</summary>
    public IEnumerable<Guid> Waiting => _since.Keys.Where(MustWait);

    /// <summary>Whether it is too early to try the run again.</summary>
    public bool MustWait(Guid runId) => !IsEmpty && _since.TryGetValue(runId, out var since) && time.GetElapsedTime(since) < Pause;

    public void Add(Guid runId)
    {
        foreach (var (run, since) in _since)
        {
            if (time.GetElapsedTime(since) > ForgetAfter) _since.Remove(run);
        }
        _since[runId] = time.GetTimestamp();
    }

    public void Remove(Guid runId)
    {
        // With each event: as a rule nothing is stuck, and no id need be hashed.
        if (!IsEmpty) _since.Remove(runId);
    }
}
