using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// The HTTP endpoints of one run. Each call throws a <see cref="CollabException"/> where the server refused it, and a <see cref="NoAnswerException"/>
/// where none of its answers came.
/// </summary>
internal sealed class HttpApi(CollabClientOptions options, Guid runId, TokenSource tokens, Func<HttpClient> http, TimeProvider time)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private readonly string _base = $"{options.BaseAddress!.AbsoluteUri.TrimEnd('/')}/api/runs/{runId}/collaboration";

    public Task<PollResult> PollAsync(long after, CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, $"/poll?afterSequence={Text(after)}", null, CollabJson.Default.PollResult, poll => poll.Events is not null, stop);

    public Task<ReplayResult> ReplayAsync(long after, int limit, CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, $"/replay?afterSequence={Text(after)}&limit={Text(limit)}", null, CollabJson.Default.ReplayResult, replay => replay.Events is not null, stop);

    public Task<RunState> StateAsync(CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, "/state", null, CollabJson.Default.RunState, state => state.Grafts is not null, stop);

    /// <param name="publish">What to publish.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="userId">As whom and nobody else; null: as whoever is signed in. The token may be another user's by the time that it is there.</param>
    public Task<PublishAck> PublishAsync(PublishRequest publish, CancellationToken stop, string? userId = null) =>
        RequestAsync(
            HttpMethod.Post,
            "/events",
            JsonContent.Create(publish, CollabJson.Default.PublishRequest),
            CollabJson.Default.PublishAck,
            ack => ack.MessageId != default,
            stop,
            userId);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

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
            return JsonSerializer.Deserialize(text, type) is { } answer && isOurs(answer) ? answer : throw new NoAnswerException("That is not an answer of Collab.");
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
