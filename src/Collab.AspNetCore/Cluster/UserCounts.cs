using System.Collections.Concurrent;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// How many connections each user has, told between servers, so that the limit holds over all of them. A server tells what has changed four
/// times a second; one that has missed something asks for all of it. In doubt, while the bus is away, no user is anywhere else.
/// </summary>
internal sealed class UserCounts : IDrainSink
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private const int AskEvery = 4;
    private const int MostAskers = 64;

    /// <summary>So often the version is told without a change: the last change may have been lost.</summary>
    private const int TellVersionEvery = 20;

    private readonly ConnectionCounts _own;
    private readonly Outbound _outbound;
    private readonly Members _members;
    private readonly Coverage _coverage;
    private readonly TimeProvider _time;
    private readonly int _rowsAtOnce;
    private readonly bool _isLimited;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _elsewhere = [];
    private readonly Dictionary<Guid, CountTable> _tables = [];
    private readonly ConcurrentQueue<Guid> _askers = new();
    private long _version;
    private bool _toldThatItLeaves;
    private volatile bool _isLeaving;

    public UserCounts(
        ConnectionCounts own, ICollabBus bus, Outbound outbound, Members members, Coverage coverage, IOptions<CollabOptions> options,
        TimeProvider time)
    {
        (_own, _outbound, _members, _coverage, _time) = (own, outbound, members, coverage, time);
        _rowsAtOnce = (Envelope.RoomOn(bus) - CountTable.HeadBytes) / CountTable.RowBytes;
        _isLimited = options.Value.Limits is { ConnectionsPerUser: > 0 } or { Agent.ConnectionsPerUser: > 0 };
        if (!_isLimited) return;
        own.Elsewhere = Elsewhere;
        own.Watch();
    }

    /// <summary>Tells and asks until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!_isLimited) return;
        using var timer = new PeriodicTimer(Tick, _time);
        for (var tick = 0; await timer.WaitForNextTickAsync(stopping); tick++)
        {
            TellChanges();
            if (tick % TellVersionEvery == 0) Tell(Guid.Empty, _version, _version, 0, 0, []);
            while (_askers.TryDequeue(out var asker)) TellAll(asker);
            if (tick % AskEvery == 0) Ask();
        }
    }

    /// <summary>A server tells of its users, or asks for all of this one's.</summary>
    public void Hear(in Envelope envelope)
    {
        var isForSelf = envelope.RunId == _members.Self;
        if (!_isLimited || (envelope.RunId != Guid.Empty && !isForSelf)) return;
        if (envelope.Kind == NewsKind.WhichCounts)
        {
            if (isForSelf && _askers.Count < MostAskers && !_askers.Contains(envelope.Sender)) _askers.Enqueue(envelope.Sender);
            return;
        }
        lock (_gate)
        {
            // That one is gone that is not known would never be noticed; it is asked when it is known.
            if (!_members.IsThere(envelope.Sender)) return;
            if (!_tables.TryGetValue(envelope.Sender, out var table)) _tables.Add(envelope.Sender, table = new());
            table.Take(envelope.First, envelope.Body, Changed);
        }
    }

    /// <summary>A server ends, or is gone: so are its users' connections.</summary>
    public void Lost(Guid server)
    {
        lock (_gate)
        {
            if (_tables.Remove(server, out var table)) table.Clear(Changed);
        }
    }

    /// <summary>Nothing is heard any more: what was told says nothing about now.</summary>
    public void Deafened()
    {
        lock (_gate)
        {
            foreach (var table in _tables.Values) table.Clear(Changed);
        }
    }

    /// <summary>Those who are told to go come back elsewhere, where what they had here must not keep them out.</summary>
    void IDrainSink.DrainChanged(DrainState state) => _isLeaving = state is DrainState.Closing or DrainState.Drained;

    private int Elsewhere(string userId)
    {
        if (!_coverage.IsHeard) return 0;
        lock (_gate) return _elsewhere.Count == 0 ? 0 : _elsewhere.GetValueOrDefault(ConnectionCounts.KeyOf(userId));
    }

    private void Changed(long key, int by)
    {
        var count = _elsewhere.GetValueOrDefault(key) + by;
        if (count == 0) _elsewhere.Remove(key);
        else _elsewhere[key] = count;
    }

    private void TellChanges()
    {
        var changed = _own.TakeChanged();
        var isLeaving = _isLeaving;
        if (isLeaving != _toldThatItLeaves)
        {
            _version++;
            _toldThatItLeaves = isLeaving;
            TellAll(Guid.Empty);
        }
        else if (!isLeaving)
        {
            foreach (var some in changed.Chunk(_rowsAtOnce)) Tell(Guid.Empty, ++_version, _version - 1, 0, 0, some);
        }
    }

    private void TellAll(Guid server)
    {
        var all = _toldThatItLeaves ? [] : _own.All();
        var parts = all.Length == 0 ? [[]] : all.Chunk(_rowsAtOnce).ToArray();
        for (var place = 0; place < parts.Length; place++) Tell(server, _version, CountTable.Whole, place, parts.Length, parts[place]);
    }

    private void Tell(Guid server, long version, long before, int place, int parts, (long Key, int Count)[] rows)
    {
        if (_members.IsAlone) return;
        var body = CountTable.Write(before, place, parts, rows);
        _outbound.Add(NewsKind.Counts, server, body, toAll: server == Guid.Empty, version, rows.Length);
    }

    private void Ask()
    {
        if (!_coverage.IsConnected) return;
        foreach (var server in _members.Others.Where(m => !m.IsLeaving).Select(m => m.Id))
        {
            lock (_gate)
            {
                if (_tables.TryGetValue(server, out var table) && !table.IsMissing) continue;
            }
            _outbound.Add(NewsKind.WhichCounts, server, [], toAll: false);
        }
    }
}
