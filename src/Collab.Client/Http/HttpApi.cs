using System.Globalization;
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
internal sealed class HttpApi(Uri server, Guid runId, TokenSource tokens, Func<HttpClient> http, TimeProvider time)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private readonly string _base = $"{server.AbsoluteUri.TrimEnd('/')}/api/runs/{runId}/collaboration";

    public Task<PollResult> PollAsync(long after, CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, $"/poll?afterSequence={Text(after)}", null, CollabJson.Default.PollResult, poll => poll.Events is not null, stop);

    public Task<ReplayResult> ReplayAsync(long after, int limit, CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, $"/replay?afterSequence={Text(after)}&limit={Text(limit)}", null, CollabJson.Default.ReplayResult, replay => replay.Events is not null, stop);

    public Task<RunState> StateAsync(CancellationToken stop) =>
        RequestAsync(HttpMethod.Get, "/state", null, CollabJson.Default.RunState, state => state.Grafts is not null, stop);

    public Task<PublishAck> PublishAsync(PublishRequest publish, CancellationToken stop) =>
        RequestAsync(
            HttpMethod.Post,
            "/events",
            JsonContent.Create(publish, CollabJson.Default.PublishRequest),
            CollabJson.Default.PublishAck,
            ack => ack.MessageId != default,
            stop);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<T> RequestAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, Predicate<T> isOurs, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(AnswerTime, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(method, _base + path) { Content = body };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.CurrentAsync(end.Token));
            using var response = await http().SendAsync(request, end.Token);
            var text = await response.Content.ReadAsStringAsync(end.Token);
            if (!response.IsSuccessStatusCode) throw Refusal.OfHttp(response.StatusCode, text, response.Headers.RetryAfter);
            // A proxy has its own ideas of an answer.
            return JsonSerializer.Deserialize(text, type) is { } answer && isOurs(answer) ? answer : throw new NoAnswerException("That is not an answer of Collab.");
        }
        catch (Exception e) when (e is not (CollabException or NoAnswerException))
        {
            throw new NoAnswerException(e.Message, e);
        }
    }
}
