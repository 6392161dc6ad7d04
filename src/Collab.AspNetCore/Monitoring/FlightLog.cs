using System.Globalization;
using Collab.Protocol;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// What became of each client's connections on this server: opened, joined, ended and why. It is looked at when a user asks what went
/// wrong, and written only where connections come, go, join and leave; it has its own lock. Polls are none: they come every two seconds.
/// </summary>
internal sealed class FlightLog
{
    /// <summary>The newest steps of a client that are kept.</summary>
    public const int StepsPerClient = 100;

    /// <summary>Steps of all clients together, some 10 MB: past it the clients that have been quiet longest are forgotten.</summary>
    public const int MaxSteps = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string TraceId, string UserId), LinkedListNode<Flight>> _flights = [];

    /// <summary>Those that something happened to last are at the end.</summary>
    private readonly LinkedList<Flight> _inOrder = [];
    private int _steps;

    /// <summary>How many clients and how many steps are remembered.</summary>
    public (int Clients, int Steps) Remembered { get { lock (_gate) return (_flights.Count, _steps); } }

    public void Add(
        ConnectionRecord record, FlightStep step, long at, Guid? runId = null, long after = 0, EndingCode? reason = null,
        string? cause = null)
    {
        // What is ended before it was let in has no user yet.
        if (record.Kind == ConnectionKind.Poll || record.UserId.Length == 0) return;
        lock (_gate)
        {
            var node = Touch(record.TraceId, record.UserId);
            var steps = node.Value.Steps;
            if (steps.Count == StepsPerClient) steps.Dequeue();
            else _steps++;
            steps.Enqueue(new(at, step, record.Kind, record.SessionId, runId, after, reason, cause));
            node.Value.LastAt = at;
            while (_steps > MaxSteps && _inOrder.First is { } quietest && quietest != node) Remove(quietest);
        }
    }

    /// <summary>Why a connection has closed turns out after it has.</summary>
    public void Explain(ConnectionRecord record, string cause)
    {
        lock (_gate)
        {
            if (!_flights.TryGetValue((record.TraceId, record.UserId), out var node)) return;
            var steps = node.Value.Steps;
            for (var left = steps.Count; left > 0; left--)
            {
                var step = steps.Dequeue();
                steps.Enqueue(step.Is == FlightStep.Closed && step.SessionId == record.SessionId ? step with { Cause = cause } : step);
            }
        }
    }

    /// <summary>What became of a client's connections, the oldest first. Two users may have said the same id: then of both.</summary>
    public IReadOnlyList<FlightEntry> Of(string traceId)
    {
        lock (_gate)
        {
            return
            [
                .. _inOrder.Where(flight => flight.TraceId == traceId)
                    .SelectMany(flight => flight.Steps.Select(step => step.ToEntry(flight.UserId))).OrderBy(entry => entry.At),
            ];
        }
    }

    /// <summary>Forgets the clients to which nothing has happened since a time, Unix milliseconds.</summary>
    public void Forget(long before)
    {
        lock (_gate)
        {
            while (_inOrder.First is { } quietest && quietest.Value.LastAt <= before) Remove(quietest);
        }
    }

    private LinkedListNode<Flight> Touch(string traceId, string userId)
    {
        if (_flights.TryGetValue((traceId, userId), out var node)) _inOrder.Remove(node);
        else _flights.Add((traceId, userId), node = new(new(traceId, userId)));
        _inOrder.AddLast(node);
        return node;
    }

    private void Remove(LinkedListNode<Flight> node)
    {
        _inOrder.Remove(node);
        _flights.Remove((node.Value.TraceId, node.Value.UserId));
        _steps -= node.Value.Steps.Count;
    }

    private sealed class Flight(string traceId, string userId)
    {
        public string TraceId { get; } = traceId;

        public string UserId { get; } = userId;

        public long LastAt { get; set; }

        public Queue<Step> Steps { get; } = new();
    }

    /// <summary>Holds no record of the connection, which would keep alive what stands behind it.</summary>
    private readonly record struct Step(
        long At, FlightStep Is, ConnectionKind Kind, string SessionId, Guid? RunId, long After, EndingCode? Reason, string? Cause)
    {
        public FlightEntry ToEntry(string userId)
        {
            // Joins are many, and their steps are seldom looked at.
            var cause = Is == FlightStep.Joined ? string.Create(CultureInfo.InvariantCulture, $"From number {After} on.") : Cause;
            return new(At, Is, Kind, SessionId, userId, RunId, Reason?.ToWire(), cause, Server: null);
        }
    }
}
