namespace Collab.Client;

/// <summary>Asks the server about runs, and publishes to them, over HTTP and without following any.</summary>
internal sealed class RunRequests
{
    private readonly Strand _strand;
    private readonly TokenSource _tokens;
    private readonly HttpApi _api;

    public RunRequests(CollabClientOptions options, Surroundings surroundings)
    {
        _strand = new Strand(surroundings.Outside, surroundings.Logger);
        _tokens = new TokenSource(options, _strand, surroundings.Time, taken: () => { }, inUse: () => { });
        // The caller knows how long to wait, and past that the application's own HTTP client does.
        _api = new HttpApi(options, _tokens, surroundings.Http, surroundings.Time) { AnswerTime = Timeout.InfiniteTimeSpan };
    }

    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task<T> AskAsync<T>(Func<HttpApi, Task<T>> ask, CancellationToken stop) => _strand.CallAsync(async () =>
    {
        try
        {
            return await ask(_api);
        }
        catch (CollabException e) when (e.Code is Protocol.CollabErrorCode.Unauthorized)
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
}
