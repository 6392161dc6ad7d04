using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Collab.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Collab.TestKit;

/// <summary>One user's view of the HTTP API. Refusals are answers, not exceptions, so that tests can look at them.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="server">The server's base address.</param>
    /// <param name="token">From <see cref="TestTokens"/>; null sends none.</param>
    public ApiClient(Uri server, string? token)
    {
        _http = new HttpClient { BaseAddress = server, Timeout = Patience.Process };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Asks for the critical events after a position; waits for the first one up to <paramref name="waitSeconds"/>.</summary>
    public Task<ApiResponse<PollResult>> PollAsync(Guid runId, long? afterSequence = null, int? waitSeconds = null) =>
        GetAsync<PollResult>($"{Run(runId)}/poll", ("afterSequence", afterSequence), ("waitSeconds", waitSeconds));

    /// <summary>Asks for kept events.</summary>
    public Task<ApiResponse<ReplayResult>> ReplayAsync(
        Guid runId,
        long? afterSequence = null,
        long? fromSequence = null,
        int? limit = null,
        string? eventType = null,
        string? userId = null,
        DateTimeOffset? since = null) =>
        GetAsync<ReplayResult>(
            $"{Run(runId)}/replay",
            ("afterSequence", afterSequence),
            ("fromSequence", fromSequence),
            ("limit", limit),
            ("eventType", eventType),
            ("userId", userId),
            ("since", since?.ToString("O", CultureInfo.InvariantCulture)));

    /// <summary>Publishes an event.</summary>
    public async Task<ApiResponse<PublishAck>> PublishAsync(Guid runId, string eventType, object data, Guid? messageId = null) =>
        new(await SendAsync(HttpMethod.Post, $"{Run(runId)}/events", new { eventType, data, messageId }));

    /// <summary>Asks for the pipeline state.</summary>
    public Task<ApiResponse<RunState>> StateAsync(Guid runId) => GetAsync<RunState>($"{Run(runId)}/state");

    /// <summary>Asks for the pipeline state as it was after an event.</summary>
    public Task<ApiResponse<RunState>> StateAsync(Guid runId, long asOfSequence) => GetAsync<RunState>($"{Run(runId)}/state", ("asOfSequence", asOfSequence));

    /// <summary>Asks for anything else that answers with a known type.</summary>
    /// <param name="path">From the server's root, with its query.</param>
    public async Task<ApiResponse<T>> GetAsync<T>(string path) => new(await GetAsync(path));

    /// <summary>Reads the server's metrics.</summary>
    public async Task<Exposition> MetricsAsync() => Exposition.Parse((await GetAsync("metrics")).Body);

    /// <summary>Asks for a page of the runs that the user may read.</summary>
    public Task<ApiResponse<RunPage>> ListAsync(string? cursor = null, int? limit = null) =>
        GetAsync<RunPage>("api/runs", ("cursor", cursor), ("limit", limit));

    /// <summary>Erases a run.</summary>
    public Task<ApiResponse> EraseAsync(Guid runId) => SendAsync(HttpMethod.Delete, $"api/runs/{runId}");

    /// <summary>Gets anything else.</summary>
    /// <param name="path">From the server's root, with its query.</param>
    public Task<ApiResponse> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Sends anything else.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">From the server's root, with its query.</param>
    /// <param name="body">Sent as JSON; null sends no body.</param>
    public async Task<ApiResponse> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new ApiResponse(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>Reads a run's stream of server-sent events until the caller stops or the server ends it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="lastEventId">Sent as <c>Last-Event-ID</c>, as a browser does that comes back.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="HttpRequestException">The server refused; the exception has the status.</exception>
    public async IAsyncEnumerable<StreamedEvent> StreamAsync(
        Guid runId,
        long? lastEventId = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{Run(runId)}/stream", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is { } id) request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            yield return new StreamedEvent(item.EventId, item.EventType, item.Data);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private static string Run(Guid runId) => $"api/runs/{runId}/collaboration";

    private async Task<ApiResponse<T>> GetAsync<T>(string path, params (string Name, object? Value)[] query)
    {
        var parameters = query.Select(p => KeyValuePair.Create(p.Name, Convert.ToString(p.Value, CultureInfo.InvariantCulture)));
        return new(await GetAsync(QueryHelpers.AddQueryString(path, parameters.Where(p => !string.IsNullOrEmpty(p.Value)))));
    }
}

/// <summary>One server-sent event.</summary>
/// <param name="Id">Its id: the sequence number of a critical event; null if it has none.</param>
/// <param name="Type">Its name, <c>message</c> if it has none.</param>
/// <param name="Data">Its data.</param>
public sealed record StreamedEvent(string? Id, string Type, string Data)
{
    /// <summary>The data as an event of the run.</summary>
    public CollaborationEvent ToEvent() => JsonSerializer.Deserialize(Data, CollabJson.Default.CollaborationEvent)!;
}
