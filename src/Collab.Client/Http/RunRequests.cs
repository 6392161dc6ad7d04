using Collab.Protocol;

namespace Collab.Client;

/// <summary>Asks the server about runs, and publishes to them, over HTTP and without following any.</summary>
internal sealed class RunRequests
{
    private readonly Strand _strand;
    private readonly TokenSource _tokens;
    private readonly HttpApi _api;
    private readonly PublishSigning _signing;

    public RunRequests(CollabClientOptions options, Surroundings surroundings)
    {
        _strand = new Strand(surroundings.Outside, surroundings.Logger);
        _tokens = new TokenSource(options, _strand, surroundings.Time, taken: () => { }, inUse: () => { });
        // The caller knows how long to wait, and past that the application's own HTTP client does.
        _api = new HttpApi(options, _tokens, surroundings.Http, surroundings.Time) { AnswerTime = Timeout.InfiniteTimeSpan };
        _signing = new PublishSigning(options.PublishSigner, _strand, () => _tokens.ServerNow);
    }

    /// <summary>
    /// Publishes a batch, signed if this client signs; once more where it was signed with another time than the server's.
    /// </summary>
    /// <inheritdoc cref="AskAsync" />
    public Task<IReadOnlyList<PublishResult>> PublishAsync(
        Guid runId, IReadOnlyList<PublishRequest> events, bool isAtomic, CancellationToken stop) => AskAsync(
        async api =>
        {
            // The same ids, so that what was stored at the first time is answered as a repeat.
            PublishRequest[] named = [.. events];
            if (_signing.IsOn)
                named = Array.ConvertAll(named, e => e with { MessageId = e.MessageId ?? Guid.CreateVersion7() });
            try
            {
                var results = await SendAsync(api, runId, named, isAtomic, stop);
                if (TimeOf(results) is not { } now) return results;
                _tokens.TellServerTime(now);
            }
            catch (CollabException e) when (e.ServerTime is not null)
            {
                _tokens.TellServerTime(e.ServerTime.Value);
            }
            return await SendAsync(api, runId, named, isAtomic, stop);
        },
        stop);

    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task<T> AskAsync<T>(Func<HttpApi, Task<T>> ask, CancellationToken stop) => _strand.CallAsync(async () =>
    {
        try
        {
            return await ask(_api);
        }
        catch (CollabException e) when (e.Code is CollabErrorCode.Unauthorized)
        {
            _tokens.Forget();
            throw;
        }
        catch (CollabException e) when (e.IsGuess)
        {
            throw new HttpRequestException(e.Message, e);
        }
        catch (NoAnswerException e)
        {
            stop.ThrowIfCancellationRequested();
            // What was no answer of ours has no reason but that.
            throw new HttpRequestException(e.Message, e.InnerException as HttpRequestException);
        }
    });

    private static DateTimeOffset? TimeOf(IReadOnlyList<PublishResult> results) =>
        results.Select(result => CollabException.TimeOf(result.Error?.ServerTimestamp)).FirstOrDefault(time => time is not null);

    private async Task<IReadOnlyList<PublishResult>> SendAsync(
        HttpApi api, Guid runId, PublishRequest[] events, bool isAtomic, CancellationToken stop)
    {
        if (!_signing.IsOn) return await api.PublishBatchAsync(runId, new(events, isAtomic), stop);
        var userId = _tokens.UserOf(await _tokens.CurrentAsync(stop));
        return await api.PublishBatchAsync(runId, new(await _signing.SignAsync(runId, userId, events, stop), isAtomic), stop, userId);
    }
}
