using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace Collab.Bench.SignalRPeer;

public sealed record PeerEvent(
    string RunId, long SequenceNumber, string EventType, string UserId, long Timestamp, JsonElement Data, bool IsCritical, string MessageId);

public sealed record PeerAck(string MessageId, long SequenceNumber, long Timestamp, bool Duplicate);

public sealed record PeerJoin(string RunId, IReadOnlyList<PeerEvent> Events, long LastSequence);

/// <summary>Where the hub that stores nothing has its numbers from.</summary>
public interface ICounters
{
    ValueTask<long> NextAsync(string runId);
}

/// <summary>Numbers in memory, for one server.</summary>
public sealed class Counters : ICounters
{
    private readonly ConcurrentDictionary<string, StrongBox> _runs = new(StringComparer.Ordinal);

    public ValueTask<long> NextAsync(string runId) => new(Interlocked.Increment(ref _runs.GetOrAdd(runId, _ => new()).Value));

    private sealed class StrongBox
    {
#pragma warning disable CA1051, S1104 // Interlocked needs a field.
        public long Value;
#pragma warning restore CA1051, S1104
    }
}

/// <summary>Numbers that several servers share, in the Redis that is between them anyhow.</summary>
public sealed class SharedCounters(IConnectionMultiplexer redis) : ICounters
{
    public async ValueTask<long> NextAsync(string runId) => await redis.GetDatabase().StringIncrementAsync(runId);
}

/// <summary>SignalR as it comes: a group per run, an event at a time.</summary>
public sealed class BareHub(ICounters counters) : Hub
{
    public async Task<PeerJoin> JoinRun(string runId, long? afterSequence)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, runId);
        return new(runId, [], afterSequence ?? 0);
    }

    public async Task<PeerAck> Publish(string runId, string eventType, JsonElement data, string messageId)
    {
        var e = new PeerEvent(
            runId, await counters.NextAsync(runId), eventType, "bench", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), data, IsCritical: true,
            messageId);
        await Clients.Group(runId).SendAsync("ReceiveEvents", runId, new[] { e });
        return new(messageId, e.SequenceNumber, e.Timestamp, Duplicate: false);
    }
}

/// <summary>The same with a table: one transaction per event, sent on after its commit.</summary>
public sealed class EfHub(PeerDb db) : Hub
{
    public async Task<PeerJoin> JoinRun(string runId, long? afterSequence)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, runId);
        var id = Guid.Parse(runId);
        var rows = await db.Events.AsNoTracking()
            .Where(e => e.RunId == id && e.SequenceNumber > (afterSequence ?? 0))
            .OrderBy(e => e.SequenceNumber).Take(1000).ToListAsync();
        return new(runId, [.. rows.Select(ToEvent)], rows.Count == 0 ? 0 : rows[^1].SequenceNumber);
    }

    public async Task<PeerAck> Publish(string runId, string eventType, JsonElement data, string messageId)
    {
        var id = Guid.Parse(runId);
        PeerRow row;
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var numbers = await db.Database.SqlQuery<long>(
                $"""
                INSERT INTO "Runs" AS r ("Id", "LastSequence") VALUES ({id}, 1)
                ON CONFLICT ("Id") DO UPDATE SET "LastSequence" = r."LastSequence" + 1 RETURNING "LastSequence" AS "Value"
                """).ToListAsync();
            row = new()
            {
                RunId = id,
                SequenceNumber = numbers[0],
                Id = Guid.Parse(messageId),
                EventType = eventType,
                UserId = "bench",
                Timestamp = DateTime.UtcNow,
                Data = data.GetRawText(),
            };
            db.Events.Add(row);
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
        var e = ToEvent(row);
        await Clients.Group(runId).SendAsync("ReceiveEvents", runId, new[] { e });
        return new(messageId, e.SequenceNumber, e.Timestamp, Duplicate: false);
    }

    private static PeerEvent ToEvent(PeerRow row) => new(
        row.RunId.ToString(), row.SequenceNumber, row.EventType, row.UserId, new DateTimeOffset(row.Timestamp).ToUnixTimeMilliseconds(),
        JsonElement.Parse(row.Data), IsCritical: true, row.Id.ToString());
}
