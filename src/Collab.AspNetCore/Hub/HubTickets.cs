using System.Collections.Concurrent;
using System.Text.Json;
using Collab.AspNetCore.Access;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Whose each negotiated connection is. SignalR lets in any request that names a connection's token, also that of another user; here a
/// token is a ticket that only the user can use who negotiated it.
/// </summary>
internal sealed class HubTickets(TimeProvider time)
{
    /// <summary>SignalR lets go of what was negotiated and not used after about 15 seconds.</summary>
    public static readonly TimeSpan UnusedFor = TimeSpan.FromSeconds(20);

    /// <summary>After its end a long-polling client still comes for the goodbye.</summary>
    public static readonly TimeSpan EndedFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, HubTicket> _tickets = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _unused = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    public int Count => _tickets.Count;

    public HubTicket? Find(string token) => _tickets.GetValueOrDefault(token);

    /// <summary>How many tickets of a user wait for their first use.</summary>
    public int UnusedOf(string userId)
    {
        lock (_gate) return _unused.GetValueOrDefault(userId);
    }

    /// <summary>Lets SignalR negotiate, and notes the token that it gives out.</summary>
    public async Task IssueAsync(HttpContext http, RequestDelegate negotiate, Caller caller)
    {
        var body = http.Response.Body;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        try
        {
            await negotiate(http);
        }
        finally
        {
            http.Response.Body = body;
        }
        if (TokenOf(answer.GetBuffer().AsMemory(0, (int)answer.Length)) is { } token) Issue(token, caller.UserId);
        await body.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), http.RequestAborted);
    }

    /// <summary>A token was given to a user.</summary>
    public void Issue(string token, string userId)
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept) > SweepEvery && Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) == swept)
            Sweep();
        if (!_tickets.TryAdd(token, new(userId) { At = time.GetTimestamp() })) return;
        lock (_gate) _unused[userId] = _unused.GetValueOrDefault(userId) + 1;
    }

    /// <summary>A connection begins with it.</summary>
    public void Use(HubTicket ticket)
    {
        if (ticket.TryTurn(from: HubTicket.Unused, to: HubTicket.Used)) OneUnusedLess(ticket.UserId);
    }

    /// <summary>The connection has ended.</summary>
    public void End(HubTicket ticket)
    {
        ticket.At = time.GetTimestamp();
        ticket.TryTurn(from: HubTicket.Used, to: HubTicket.Ended);
    }

    /// <summary>Takes out the tickets that were not used, and those of connections that are over.</summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        foreach (var (token, ticket) in _tickets)
        {
            var age = time.GetElapsedTime(ticket.At, now);
            if (age > UnusedFor && ticket.TryTurn(from: HubTicket.Unused, to: HubTicket.Ended)) OneUnusedLess(ticket.UserId);
            if (age > EndedFor && ticket.IsEnded) _tickets.TryRemove(KeyValuePair.Create(token, ticket));
        }
    }

    private void OneUnusedLess(string userId)
    {
        lock (_gate)
        {
            if (--_unused[userId] == 0) _unused.Remove(userId);
        }
    }

    private static string? TokenOf(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.TryGetProperty("connectionToken", out var token) ? token.GetString() : null;
        }
        catch (JsonException)
        {
            // Not what SignalR answers when it has made a connection.
            return null;
        }
    }
}

/// <summary>One negotiated connection, before, during and shortly after its life.</summary>
internal sealed class HubTicket(string userId)
{
    public const int Unused = 0, Used = 1, Ended = 2;

    private int _stage;
    private long _at;
    private long _expiresAt;

    public string UserId { get; } = userId;

    public bool IsEnded => Volatile.Read(ref _stage) == Ended;

    public bool IsUnused => Volatile.Read(ref _stage) == Unused;

    /// <summary>When it was issued, or its connection ended: a timestamp of the clock.</summary>
    public long At
    {
        get => Volatile.Read(ref _at);
        set => Volatile.Write(ref _at, value);
    }

    /// <summary>When the newest token ends that came with it; null if that has no end.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get => Volatile.Read(ref _expiresAt) is not 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;
        set => Volatile.Write(ref _expiresAt, value?.UtcTicks ?? 0);
    }

    public bool TryTurn(int from, int to) => Interlocked.CompareExchange(ref _stage, to, from) == from;
}
