using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Presence;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// What other servers tell, one message after the other. Nothing of it is believed that the store could say otherwise: events only take the
/// place that their number gives them, and nothing is stored.
/// </summary>
internal sealed partial class Inbound(
    Feeds feeds, ClusterNews news, Outbound outbound, Members members, Coverage coverage, Asks asks, Questions questions, AnswerDesk desk,
    UserCounts counts, ConnectionMonitor monitor, byte[]? key, BusMetrics metrics, TimeProvider time, ILogger logger) : ICollabBusReceiver
{
    private const int Capacity = 65_536;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly Channel<ReadOnlyMemory<byte>> _queue =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Of which runs which servers have told something that did not come.</summary>
    private readonly ConcurrentDictionary<(Guid RunId, Guid Server), byte> _missed = new(KeyedGuids.Instance);

    private long? _reportedAt;

    /// <summary>Called when a server is there that was not, or the bus is back: what may have been missed is to be told again.</summary>
    public Action Met { get; set; } = () => { };

    public void Received(ReadOnlyMemory<byte> message)
    {
        metrics.Received();
        if (_queue.Writer.TryWrite(message)) return;
        metrics.Dropped();
        coverage.Doubt();
    }

    public void StateChanged(bool isConnected)
    {
        if (isConnected == coverage.IsConnected) return;
        if (isConnected) coverage.Connected();
        else coverage.Disconnected();
        if (!isConnected) counts.Deafened();
        LogState(isConnected ? "connected" : "lost");
        if (isConnected) Met();
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var message in _queue.Reader.ReadAllAsync(stopping))
        {
            try
            {
                if (!Envelope.TryRead(message.Span, key, out var envelope)) metrics.Rejected();
                else Take(envelope);
            }
            catch (Exception e)
            {
                // Whatever it is, the next message may be better.
                metrics.Rejected();
                Report(e);
            }
        }
    }

    /// <summary>A server is gone: so are its users.</summary>
    public void Lost(Guid server)
    {
        foreach (var feed in feeds.Live) feed.Presence.Lose(server);
        counts.Lost(server);
        foreach (var missed in _missed.Keys.Where(m => m.Server == server)) _missed.TryRemove(missed, out _);
    }

    /// <summary>Asks for what did not come.</summary>
    public void AskAgain()
    {
        foreach (var missed in _missed.Keys.Where(m => feeds.Find(m.RunId) is null)) _missed.TryRemove(missed, out _);
        foreach (var runId in _missed.Keys.Select(m => m.RunId).Distinct(KeyedGuids.Instance))
            outbound.Add(NewsKind.WhoIsThere, runId, [], toAll: true);
    }

    private void Take(in Envelope envelope)
    {
        if (envelope.Sender == members.Self)
        {
            if (envelope.Kind == NewsKind.Heartbeat) members.Echoed();
            return;
        }
        switch (envelope.Kind)
        {
            case NewsKind.Events:
                TakeEvents(envelope);
                break;
            case NewsKind.Ephemeral:
                TakeEphemeral(envelope);
                break;
            case NewsKind.Presence:
                TakePresence(envelope);
                break;
            case NewsKind.Positions:
                foreach (var (runId, epoch, last) in Position.Read(envelope.Body)) feeds.Stands(runId, epoch, last);
                break;
            case NewsKind.Heartbeat:
                TakeHeartbeat(envelope);
                break;
            case NewsKind.Goodbye:
                members.Left(envelope.Sender);
                counts.Lost(envelope.Sender);
                break;
            case NewsKind.Erased:
                TakeErased(envelope);
                break;
            case NewsKind.Disconnect:
                TakeDisconnect(envelope);
                break;
            case NewsKind.WhoIsThere:
                news.TellWhole(envelope.RunId, feeds.Find(envelope.RunId));
                break;
            case NewsKind.Versions:
                TakeVersions(envelope);
                break;
            case NewsKind.Kept:
                TakeKept(envelope);
                break;
            case NewsKind.WhichVersions:
                // What it has told meanwhile may not have come.
                coverage.Doubt();
                news.TellVersions(feeds);
                break;
            case NewsKind.Question:
                desk.Hear(envelope);
                break;
            case NewsKind.Answer:
                questions.Hear(envelope);
                break;
            case NewsKind.Counts or NewsKind.WhichCounts:
                counts.Hear(envelope);
                break;
            default:
                // Of a later version: something has happened in the run.
                feeds.Stands(envelope.RunId, envelope.Epoch, long.MaxValue);
                break;
        }
    }

    private void TakeEvents(in Envelope envelope)
    {
        metrics.Lag(time.GetUtcNow().ToUnixTimeMilliseconds() - envelope.SentAt);
        if (feeds.Find(envelope.RunId) is null) return;
        if (envelope.Body.IsEmpty) feeds.Stands(envelope.RunId, envelope.Epoch, envelope.First + envelope.Count - 1);
        else feeds.Arrived(EventRow.Read(envelope));
    }

    private void TakeEphemeral(in Envelope envelope)
    {
        // Some buses bring everything to all servers: what is of no run here is not looked at.
        if (feeds.Find(envelope.RunId) is not { } feed) return;
        if (!ForeignJson.IsObject(envelope.Body)) throw new InvalidDataException("An ephemeral event is no JSON object.");
        feed.Ephemeral(envelope.Body.ToArray());
    }

    private void TakePresence(in Envelope envelope)
    {
        var (runId, server) = (envelope.RunId, envelope.Sender);
        if (feeds.Find(runId) is not { } feed) return;
        var part = AttendanceForm.Read(envelope.Body, envelope.Count, envelope.First);
        members.Spoke(server);
        var hearing = feed.Presence.Tell(server, part);
        if (hearing == Hearing.Gap) Miss(runId, server);
        if (!part.IsEnd) return;
        // One that is late has not what is missing.
        if (hearing == Hearing.Whole) _missed.TryRemove((runId, server), out _);
        asks.Answered(runId, server);
    }

    private void TakeKept(in Envelope envelope)
    {
        var (server, left, users) = AttendanceForm.ReadKept(envelope.Body, envelope.Count);
        members.Left(server, left);
        feeds.Find(envelope.RunId)?.Presence.Inherit(server, users);
    }

    private void TakeVersions(in Envelope envelope)
    {
        foreach (var (runId, _, version) in Position.Read(envelope.Body))
        {
            if (feeds.Find(runId)?.Presence.ToldBy(envelope.Sender) < version) Miss(runId, envelope.Sender);
        }
    }

    private void Miss(Guid runId, Guid server)
    {
        if (_missed.TryAdd((runId, server), 0)) outbound.Add(NewsKind.WhoIsThere, runId, [], toAll: true);
    }

    private void TakeHeartbeat(in Envelope envelope)
    {
        if (JsonSerializer.Deserialize(envelope.Body, ClusterJson.Default.Vitals)?.Cleaned() is not { } vitals) return;
        if (!members.Heard(envelope.Sender, vitals)) return;
        LogHeard(vitals.Name);
        Met();
    }

    private void TakeErased(in Envelope envelope)
    {
        if (!IsNewOrder(envelope)) return;
        feeds.Forget(envelope.RunId, Ending.Erased);
        AnswerOrder(envelope, "{}"u8.ToArray());
    }

    private void TakeDisconnect(in Envelope envelope)
    {
        if (JsonSerializer.Deserialize(envelope.Body, ClusterJson.Default.UserToEnd) is not { } user) return;
        if (!EndingCodes.TryParse(user.Code, out var code) || !IsNewOrder(envelope)) return;
        var ended = monitor.DisconnectUser(user.UserId, Ending.Of(code, user.Message));
        AnswerOrder(envelope, JsonSerializer.SerializeToUtf8Bytes(new(ended), ClusterJson.Default.UserEnded));
    }

    /// <summary>One that is given in doubt has no id, and is repeated at worst.</summary>
    private bool IsNewOrder(in Envelope envelope) => envelope.Epoch == Guid.Empty || desk.IsNew(envelope.Epoch);

    private void AnswerOrder(in Envelope envelope, byte[] json)
    {
        if (envelope.Epoch != Guid.Empty) desk.Answer(envelope, json);
    }

    [LoggerMessage(LogLevel.Information, "The bus between the servers is {State}.")]
    private partial void LogState(string state);

    [LoggerMessage(LogLevel.Information, "Another server is there: {Name}.")]
    private partial void LogHeard(string name);

    /// <summary>Says it, of many the first of a minute: whatever writes to the bus could fill the log.</summary>
    private void Report(Exception e)
    {
        var now = time.GetTimestamp();
        if (_reportedAt is { } at && time.GetElapsedTime(at, now) < ReportEvery) return;
        _reportedAt = now;
        if (e is InvalidDataException or JsonException) LogRejected(e.Message);
        else LogFailed(e);
    }

    [LoggerMessage(LogLevel.Warning, "A message of another server makes no sense: {Reason} Further ones are counted for a minute.")]
    private partial void LogRejected(string reason);

    [LoggerMessage(LogLevel.Warning, "A message of another server could not be taken in. Further ones are counted for a minute.")]
    private partial void LogFailed(Exception exception);
}
