using System.Diagnostics;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>
/// What one client of a run was shown: each critical event once and in order, with the time at which it came; who came and went.
/// </summary>
/// <param name="runId">The run.</param>
/// <param name="user">Whose client it is.</param>
internal sealed class Track(Guid runId, string user)
{
    private readonly Lock _gate = new();
    private readonly List<(Guid MessageId, long At)> _events = [];
    private readonly List<(CollaborationEvent Event, long At)> _changes = [];
    private readonly SortedSet<string> _users = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    public Guid RunId => runId;

    public string User => user;

    /// <summary>The number of the newest event.</summary>
    public long Last { get { lock (_gate) return _events.Count; } }

    /// <summary>Who is there, by what this client was told.</summary>
    public string[] Users { get { lock (_gate) return [.. _users]; } }

    /// <summary>Who came and went, as this client was shown it.</summary>
    public CollaborationEvent[] Changes { get { lock (_gate) return [.. _changes.Select(c => c.Event)]; } }

    /// <summary>Each event's id and time, the first one first.</summary>
    public (Guid MessageId, long At)[] Events { get { lock (_gate) return [.. _events]; } }

    public TimeSpan LongestSilence
    {
        get
        {
            var times = Events.Select(e => e.At).ToArray();
            return times.Zip(times.Skip(1), (before, after) => Stopwatch.GetElapsedTime(before, after)).DefaultIfEmpty().Max();
        }
    }

    /// <summary>The answer to a join that began after the newest event.</summary>
    public void Joined(JoinResult answer)
    {
        lock (_gate)
        {
            if (answer.Truncated) _faults.Add($"join after {_events.Count}: truncated");
            if (!_users.IsSubsetOf(answer.ActiveUsers))
                _faults.Add($"join after {_events.Count}: without {string.Join(' ', _users.Except(answer.ActiveUsers))}");
            _users.UnionWith(answer.ActiveUsers);
        }
        Take(answer.Events);
    }

    /// <summary>When a user was seen to leave.</summary>
    public long? TimeOfLeave(string userId)
    {
        lock (_gate)
        {
            var (left, at) = _changes.Find(c => c.Event.EventType == EventTypes.UserLeave && c.Event.UserId == userId);
            return left is null ? null : at;
        }
    }

    /// <summary>Users who are there.</summary>
    public void Came(IReadOnlyList<string> users)
    {
        lock (_gate) _users.UnionWith(users);
    }

    public void Take(params IReadOnlyList<CollaborationEvent> events)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            foreach (var e in events.Where(e => e.RunId == runId))
            {
                if (e.SequenceNumber is { } number) Take(number, e.MessageId, now);
                else Take(e);
            }
        }
    }

    /// <summary>Who came and went before does not count.</summary>
    public void ForgetChanges()
    {
        lock (_gate) _changes.Clear();
    }

    /// <summary>Waits until an event has come.</summary>
    public Task WaitForAsync(long sequence) =>
        Eventually.TrueAsync(() => Last >= sequence, Patience.Process, $"{user} has event {sequence} of {runId}");

    /// <summary>Nothing was lost, came twice or out of order, and each acknowledged event is where its acknowledgement says.</summary>
    public void AssertHolds(IReadOnlyCollection<PublishAck> acknowledged)
    {
        var events = Events;
        lock (_gate) Assert.Empty(_faults);
        Assert.Equal(acknowledged.Count, events.Length);
        Assert.All(acknowledged, ack => Assert.Equal(ack.MessageId, events[(int)ack.SequenceNumber!.Value - 1].MessageId));
    }

    private void Take(long number, Guid messageId, long now)
    {
        if (number != _events.Count + 1) _faults.Add($"{number} came after {_events.Count}");
        if (number > _events.Count) _events.Add((messageId, now));
    }

    private void Take(CollaborationEvent e)
    {
        if (e.EventType is not (EventTypes.UserJoin or EventTypes.UserLeave)) return;
        _changes.Add((e, Stopwatch.GetTimestamp()));
        if (e.EventType == EventTypes.UserJoin) _users.Add(e.UserId);
        else _users.Remove(e.UserId);
    }
}
