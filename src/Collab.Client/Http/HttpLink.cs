using System.Text.Json;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// The run over plain HTTP, for as long as WebSockets do not get through: a poll every interval, publishes one by one. The polls do not
/// wait for news: a proxy that breaks WebSockets is likely to hold back long answers too, and a poll that is answered at once measures the
/// round trip.
/// </summary>
internal sealed class HttpLink : ICarrier
{
    /// <summary>From a publish to the poll that brings it back.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private readonly Guid _runId;
    private readonly HttpApi _api;
    private readonly PublishSigning _signing;
    private readonly TimeSpan _interval;
    private readonly Strand _strand;
    private readonly TimeProvider _time;
    private readonly IHttpLinkOwner _owner;
    private readonly Lifetime _life = new();
    private readonly Alarm _next;
    private bool _isPolling;
    private bool _pollsAgain;
    private bool _isDueSoon;

    public HttpLink(
        Guid runId, HttpApi api, PublishSigning signing, TimeSpan interval, Strand strand, TimeProvider time, IHttpLinkOwner owner)
    {
        (_runId, _api, _signing, _interval, _strand, _time, _owner) = (runId, api, signing, interval, strand, time, owner);
        _next = new Alarm(strand, time, PollNow);
    }

    public TimeSpan CursorInterval => _interval;

    /// <summary>Polls now, or as soon as the poll that is under way has ended; and from then on every interval.</summary>
    public void PollNow()
    {
        if (_isPolling) _pollsAgain = true;
        else _strand.Begin(PollInTurnAsync);
    }

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<PendingSend> sends, string userId)
    {
        var events = await _signing.SignAsync(_runId, userId, Batch.Of(sends), _life.Token);
        IReadOnlyList<PublishResult> results = events is [var single]
            ? [new(await _api.PublishAsync(_runId, single, _life.Token, userId))]
            : await _api.PublishBatchAsync(_runId, new(events, Atomic: false), _life.Token, userId);
        PollSoon();
        return results;
    }

    public async Task MoveCursorAsync(string? nodeId)
    {
        var data = JsonSerializer.SerializeToElement(new CursorData(nodeId), ClientJson.Default.CursorData);
        await _api.PublishAsync(_runId, new(EventTypes.CursorMove, data, null), _life.Token);
    }

    /// <summary>Ends it; what is under way is given up.</summary>
    public void Stop()
    {
        _next.Stop();
        _life.End();
    }

    /// <summary>Who has published wants to see it; of many publishes in a row not each one brings a poll.</summary>
    private void PollSoon()
    {
        if (_isPolling || _isDueSoon || _life.IsOver) return;
        _isDueSoon = true;
        _next.Set(Soon);
    }

    private async Task PollInTurnAsync()
    {
        (_isPolling, _isDueSoon, _pollsAgain) = (true, false, false);
        _next.Stop();
        var pause = _interval;
        try
        {
            await PollAsync();
        }
        catch (Exception e)
        {
            // An answer that makes no sense is none.
            if (_life.IsOver) return;
            var asked = (e as CollabException)?.RetryAfter ?? (e as NoAnswerException)?.RetryAfter;
            if (asked > pause) pause = asked.Value;
            _owner.PollFailed(e);
        }
        _isPolling = false;
        if (_life.IsOver) return;
        if (_pollsAgain) PollNow();
        else _next.Set(pause);
    }

    /// <summary>What an answer lacks is fetched before any of it is applied: a poll that fails half-way has changed nothing.</summary>
    private async Task PollAsync()
    {
        var asked = _owner.Position;
        var startedAt = _time.GetTimestamp();
        var answer = await _api.PollAsync(_runId, asked ?? 0, _owner.Seen, _life.Token);
        var roundTrip = _time.GetElapsedTime(startedAt);
        var state = answer.Truncated || _owner.WantsState ? await _api.StateAsync(_runId, null, _life.Token) : null;
        if (_life.IsOver) return;
        if (!_owner.Polled(this, RunAnswer.Of(answer, state), asked, roundTrip)) _pollsAgain = true;
    }
}
