using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>Another server, as it was heard last.</summary>
internal sealed record Member(Guid Id, Vitals Vitals, long HeardAt, bool IsLeaving = false);

/// <summary>
/// The other servers: those that were heard of lately. The users of one that says goodbye are kept for a grace, in which they come back
/// elsewhere. One that falls silent without a word is dead, or cut off and still writing: for a while there is no telling which.
/// </summary>
internal sealed class Members(TimeProvider time)
{
    /// <summary>A server that is silent for so long is dead.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(6);

    /// <summary>How long the users of a server that has ended in order are taken to be on their way to another.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Another server answers a first heartbeat well within this.</summary>
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(1);

    /// <summary>A heartbeat comes every second. Two that are missing mean that other messages may be missing too.</summary>
    private static readonly TimeSpan DoubtfulAfter = TimeSpan.FromSeconds(2.5);

    /// <summary>What was missed meanwhile has been read from the store by then.</summary>
    private static readonly TimeSpan CertainAfter = TimeSpan.FromSeconds(3);

    /// <summary>For so long one that is dead may turn out to have been cut off.</summary>
    private static readonly TimeSpan DoubtfulFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _wasEchoed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<Guid, Member> _others = [];

    /// <summary>Of those that have ended in order, the ones that were there.</summary>
    private readonly Dictionary<Guid, Member> _leaving = [];

    /// <summary>Those that have ended in order, and when their users are taken for gone.</summary>
    private readonly Dictionary<Guid, long> _departed = [];

    /// <summary>Those that fell silent, and when.</summary>
    private readonly Dictionary<Guid, long> _silent = [];

    /// <summary>Those that have told something without a heartbeat, and since when.</summary>
    private readonly Dictionary<Guid, long> _strangers = [];
    private long? _firstEcho;
    private long? _lastEcho;
    private long? _doubtedAt;

    /// <summary>What <see cref="IsAlone"/> was when it was looked at last: it is asked with each event.</summary>
    private volatile bool _isAlone;

    /// <summary>This server, since its start.</summary>
    public Guid Self { get; } = Guid.NewGuid();

    /// <summary>
    /// Whether there is no other server: this one hears itself on the bus, and no other. In doubt there may be one. That one has come is
    /// noticed at once, that all are gone with the next <see cref="TakeGone"/>.
    /// </summary>
    public bool IsAlone => _isAlone;

    /// <summary>Whether its own messages came back to it lately: it hears the bus, whatever the connection says.</summary>
    public bool HearsItself { get { lock (_gate) return HearsItselfSince(SilentFor); } }

    /// <summary>Completes when it has heard itself for the first time.</summary>
    public Task WasEchoed => _wasEchoed.Task;

    /// <summary>Whether all that are there have had the time to say so.</summary>
    public bool IsSettled { get { lock (_gate) return IsSettledNow; } }

    /// <summary>
    /// Whether all that is written elsewhere is as good as certain to be heard of: it hears itself and each other server, whatever the
    /// connection says, and none has fallen silent that may still be writing.
    /// </summary>
    public bool HearsAll
    {
        get
        {
            lock (_gate)
                return HearsItselfSince(DoubtfulAfter) && _silent.Count == 0
                    && (_doubtedAt is not { } doubted || time.GetElapsedTime(doubted) > CertainAfter)
                    && !_others.Values.Any(m => SilenceOf(m) > DoubtfulAfter);
        }
    }

    /// <summary>Those that are there, and those that have ended in order and whose users are kept.</summary>
    public IReadOnlyList<Member> Others { get { lock (_gate) return [.. _others.Values, .. _leaving.Values]; } }

    /// <summary>Those that were heard of just now.</summary>
    public IReadOnlyList<Guid> Speaking
    {
        get { lock (_gate) return [.. _others.Values.Where(m => SilenceOf(m) <= DoubtfulAfter).Select(m => m.Id)]; }
    }

    /// <summary>Whether a server is there, and stays.</summary>
    public bool IsThere(Guid id)
    {
        lock (_gate) return _others.ContainsKey(id);
    }

    /// <summary>How long ago a server was heard of.</summary>
    public TimeSpan SilenceOf(Member member) => time.GetElapsedTime(member.HeardAt);

    /// <summary>Servers that have ended in order, and how long their users are still taken to be on their way.</summary>
    public IReadOnlyList<(Guid Id, TimeSpan Left)> DepartedAt(long now)
    {
        lock (_gate) return [.. _departed.Where(d => d.Value > now).Select(d => (d.Key, time.GetElapsedTime(now, d.Value)))];
    }

    private bool IsSettledNow => _firstEcho is { } first && time.GetElapsedTime(first) > AnsweredWithin;

    /// <summary>This server's own heartbeat came back.</summary>
    public void Echoed()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!HearsItselfSince(DoubtfulAfter))
            {
                _doubtedAt = now;
                // Who heard nothing for a while has not heard from the others either.
                foreach (var (id, member) in _others.ToArray()) _others[id] = member with { HeardAt = now };
            }
            _lastEcho = now;
            _firstEcho ??= _lastEcho;
            _wasEchoed.TrySetResult();
        }
    }

    /// <summary>The bus is gone: what was heard over it before says nothing about now.</summary>
    public void Deafened()
    {
        lock (_gate) (_lastEcho, _isAlone) = (null, false);
    }

    /// <summary>A server is there.</summary>
    /// <returns>Whether it was not known before.</returns>
    public bool Heard(Guid id, Vitals vitals)
    {
        lock (_gate)
        {
            // What it said before its goodbye may come after it.
            if (_departed.ContainsKey(id)) return false;
            var isNew = !_others.TryGetValue(id, out var before);
            if (isNew || time.GetElapsedTime(before!.HeardAt) > DoubtfulAfter) _doubtedAt = time.GetTimestamp();
            _others[id] = new(id, vitals, time.GetTimestamp());
            _silent.Remove(id);
            _strangers.Remove(id);
            _isAlone = false;
            return isNew;
        }
    }

    /// <summary>
    /// A server tells of its users. One that is not known says that it is there within seconds; else it is gone, and this is old.
    /// </summary>
    public void Spoke(Guid id)
    {
        lock (_gate)
        {
            if (!_others.ContainsKey(id) && !_departed.ContainsKey(id)) _strangers.TryAdd(id, time.GetTimestamp());
        }
    }

    /// <summary>A server ends in order.</summary>
    public void Left(Guid id) => Left(id, Grace);

    /// <summary>A server has ended in order, as another one tells.</summary>
    /// <param name="id">The server.</param>
    /// <param name="left">How long its users are still taken to be on their way.</param>
    public void Left(Guid id, TimeSpan left)
    {
        lock (_gate)
        {
            if (id == Self || _departed.ContainsKey(id)) return;
            if (_others.Remove(id, out var member)) _leaving[id] = member with { IsLeaving = true };
            _silent.Remove(id);
            _strangers.Remove(id);
            var grace = left < Grace ? left : Grace;
            _departed[id] = time.GetTimestamp() + time.TicksOf(grace);
        }
    }

    /// <summary>Takes out the servers that are gone.</summary>
    public IReadOnlyList<Guid> TakeGone()
    {
        lock (_gate)
        {
            _isAlone = false;
            // Silence is the bus's own where this server does not hear itself.
            if (!HearsItselfSince(SilentFor)) return [];
            var now = time.GetTimestamp();
            foreach (var old in _silent.Where(s => time.GetElapsedTime(s.Value, now) > DoubtfulFor).ToArray()) _silent.Remove(old.Key);
            // This server has heard itself for so long since, and not the other one: before both fall silent, either may be heard last.
            var heard = _lastEcho!.Value;
            Guid[] silent = [.. _others.Values.Where(m => time.GetElapsedTime(m.HeardAt, heard) > PatienceWith(m)).Select(m => m.Id)];
            Guid[] departed = [.. _departed.Where(d => d.Value <= now).Select(d => d.Key)];
            Guid[] strangers = [.. _strangers.Where(s => time.GetElapsedTime(s.Value, heard) > SilentFor).Select(s => s.Key)];
            foreach (var id in strangers) _strangers.Remove(id);
            foreach (var id in departed)
            {
                _departed.Remove(id);
                _leaving.Remove(id);
            }
            foreach (var id in silent)
            {
                _others.Remove(id);
                _silent[id] = now;
            }
            _isAlone = _others.Count == 0 && IsSettledNow;
            return [.. silent, .. departed, .. strangers];
        }
    }

    /// <summary>One that drains has sent its users away, and its last words can be lost.</summary>
    private static TimeSpan PatienceWith(Member member) => member.Vitals.State == DrainState.Serving ? SilentFor : Grace;

    /// <summary>Whether its own messages came back to it lately.</summary>
    private bool HearsItselfSince(TimeSpan span) => _lastEcho is { } last && time.GetElapsedTime(last) < span;
}
