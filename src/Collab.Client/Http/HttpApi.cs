using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// The HTTP endpoints of runs. Each call throws a <see cref="CollabException"/> where the server refused it, and a
/// <see cref="NoAnswerException"/> where none of its answers came.
/// </summary>
internal sealed class HttpApi(CollabClientOptions options, TokenSource tokens, Func<HttpClient> http, TimeProvider time)
{
    private const string NotOurs = "its answer is not one of Collab.";

    private readonly string _base = $"{options.BaseAddress!.AbsoluteUri.TrimEnd('/')}/api/runs";

    /// <summary>How long an answer may take, its token included.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="runId">The run.</param>
    /// <param name="after">The position.</param>
    /// <param name="seen">Up to which number the run is applied; null: it is not said.</param>
    /// <param name="stop">Gives up.</param>
    public Task<PollResult> PollAsync(Guid runId, long after, long? seen, CancellationToken stop)
    {
        var path = Of(runId, $"poll?afterSequence={Text(after)}&presence=full{(seen is { } mark ? $"&seen={Text(mark)}" : "")}");
        return GetAsync(path, CollabJson.Default.PollResult, poll => poll.Events is not null, stop);
    }

    public Task<ReplayResult> ReplayAsync(Guid runId, long after, int limit, CancellationToken stop)
    {
        var path = Of(runId, $"replay?afterSequence={Text(after)}&limit={Text(limit)}");
        return GetAsync(path, CollabJson.Default.ReplayResult, replay => replay.Events is not null, stop);
    }

    public Task<RunState> StateAsync(Guid runId, long? at, CancellationToken stop)
    {
        var path = Of(runId, at is { } sequence ? $"state?asOfSequence={Text(sequence)}" : "state");
        return GetAsync(path, CollabJson.Default.RunState, IsState, stop);
    }

    public Task<VerifyResult> VerifyAsync(Guid runId, CancellationToken stop) =>
        GetAsync(Of(runId, "verify"), CollabJson.Default.VerifyResult, answer => answer.Ok == answer.Wrong is null, stop);

    public Task<RunPage> ListAsync(string? cursor, int limit, bool? ended, CancellationToken stop)
    {
        var which = ended is { } only ? $"&ended={(only ? "true" : "false")}" : "";
        var from = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
        return GetAsync($"?limit={Text(limit)}{which}{from}", CollabJson.Default.RunPage, page => page.Runs is not null, stop);
    }

    public Task<BranchResult> BranchAsync(BranchRequest branch, CancellationToken stop)
    {
        var body = JsonContent.Create(branch, CollabJson.Default.BranchRequest);
        bool IsOurs(BranchResult made) => made is { BranchedFrom: not null } && made.RunId == branch.RunId;
        return RequestAsync(HttpMethod.Post, "", body, CollabJson.Default.BranchResult, IsOurs, stop);
    }

    /// <param name="runId">Where.</param>
    /// <param name="publish">What to publish.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="userId">
    /// As whom and nobody else; null: as the user who is signed in. The token may be another user's by the time that it is there.
    /// </param>
    public Task<PublishAck> PublishAsync(Guid runId, PublishRequest publish, CancellationToken stop, string? userId = null)
    {
        var body = JsonContent.Create(publish, CollabJson.Default.PublishRequest);
        var type = CollabJson.Default.PublishAck;
        return RequestAsync(HttpMethod.Post, Of(runId, "events"), body, type, ack => ack.MessageId != default, stop, userId);
    }

    /// <inheritdoc cref="PublishAsync" />
    /// <param name="runId">Where.</param>
    /// <param name="batch">What to publish, in this order.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="userId">As whom and nobody else; null: as the user who is signed in.</param>
    public Task<IReadOnlyList<PublishResult>> PublishBatchAsync(
        Guid runId, PublishBatchRequest batch, CancellationToken stop, string? userId = null)
    {
        var body = JsonContent.Create(batch, CollabJson.Default.PublishBatchRequest);
        var type = CollabJson.Default.IReadOnlyListPublishResult;
        bool IsOurs(IReadOnlyList<PublishResult> results) => Batch.IsAnswer(results, batch.Events.Count);
        return RequestAsync(HttpMethod.Post, Of(runId, "events/batch"), body, type, IsOurs, stop, userId);
    }

    private static bool IsState(RunState state) => state is { Grafts: not null, PrunedSteps: not null, Flags: not null };

    private static string Of(Guid runId, string what) => $"/{runId}/collaboration/{what}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, Predicate<T> isOurs, CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, path, body: null, type, isOurs, stop);

    private async Task<T> RequestAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? body,
        JsonTypeInfo<T> type,
        Predicate<T> isOurs,
        CancellationToken stop,
        string? userId = null)
    {
        using var timeout = new CancellationTokenSource(AnswerTime, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(method, _base + path) { Content = body };
            var token = await tokens.CurrentAsync(end.Token);
            if (userId is not null && tokens.UserOf(token) != userId) throw new NoAnswerException("Another user has signed in.");
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            AddCookies(request);
            using var response = await http().SendAsync(request, end.Token);
            KeepCookies(response);
            var text = await response.Content.ReadAsStringAsync(end.Token);
            if (response.Headers.Date is { } date) tokens.TellServerTime(date);
            if (!response.IsSuccessStatusCode) throw Refusal.OfHttp(response.StatusCode, text, response.Headers.RetryAfter);
            // A proxy has its own ideas of an answer.
            return JsonSerializer.Deserialize(text, type) is { } answer && isOurs(answer) ? answer : throw new NoAnswerException(NotOurs);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or in an encoding that there is not.
            throw new NoAnswerException(NotOurs, e);
        }
        catch (Exception e) when (e is not (CollabException or NoAnswerException))
        {
            throw new NoAnswerException(e.Message, e);
        }
    }

    private void AddCookies(HttpRequestMessage request)
    {
        if (options.Cookies?.GetCookieHeader(request.RequestUri!) is { Length: > 0 } cookies) request.Headers.Add("Cookie", cookies);
    }

    private void KeepCookies(HttpResponseMessage response)
    {
        if (options.Cookies is not { } cookies || !response.Headers.TryGetValues("Set-Cookie", out var headers)) return;
        try
        {
            foreach (var header in headers) cookies.SetCookies(response.RequestMessage!.RequestUri!, header);
        }
        catch (CookieException)
        {
            // One that makes no sense is not kept.
        }
    }
}
