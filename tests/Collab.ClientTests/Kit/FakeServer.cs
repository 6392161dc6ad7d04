using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Collab.Client;
using Collab.Protocol;

namespace Collab.ClientTests.Kit;

/// <summary>Something that the client asked of the server, and that waits for an answer.</summary>
/// <param name="Name"><c>open</c>, a hub method, or <c>poll</c>, <c>state</c>, <c>post</c>, <c>batch</c>, <c>replay</c>.</param>
/// <param name="Connection">The number of the hub connection, from 1; 0 over HTTP.</param>
/// <param name="Token">The token that came with it.</param>
/// <param name="Details">
/// Arguments of a hub method without the run; of a poll and a replay the position, and of a poll what it says to have seen; of a post its body.
/// </param>
internal sealed record Request(string Name, int Connection, string Token, JsonArray Details)
{
    private readonly TaskCompletionSource<Answer> _answer = new();

    public Task<Answer> Answered => _answer.Task;

    public void Resolve(JsonNode? result, HttpStatusCode status = HttpStatusCode.OK, string? retryAfter = null) =>
        _answer.SetResult(new(result?.ToJsonString() ?? "null", status, retryAfter));

    public void ResolvePage(string text) => _answer.SetResult(new(text, HttpStatusCode.OK, null));

    public void Reject(Exception error) => _answer.SetException(error);
}

internal sealed record Answer(string Body, HttpStatusCode Status, string? RetryAfter);

/// <summary>The server as the client sees it. It does nothing by itself: a test looks at what was asked, and answers.</summary>
internal sealed class FakeServer : HttpMessageHandler
{
    private readonly List<Request> _asked = [];

    public List<FakeHub> Hubs { get; } = [];

    /// <summary>What waits for an answer, oldest first.</summary>
    public List<Request> Waiting { get; } = [];

    /// <summary>The address that the last hub connection was made to.</summary>
    public Uri? HubAddress { get; private set; }

    public HubFactory Hub(Uri address) => (token, calls) =>
    {
        HubAddress = address;
        var hub = new FakeHub(this, Hubs.Count + 1, token ?? "", calls);
        Hubs.Add(hub);
        return hub;
    };

    /// <summary>What was asked since a test last looked.</summary>
    public Request[] TakeAsked()
    {
        Request[] asked = [.. _asked];
        _asked.Clear();
        return asked;
    }

    /// <summary>Takes the oldest request of that kind that waits. An answer may come long after whoever asked has gone.</summary>
    public Request? Take(Predicate<Request> matches)
    {
        var index = Waiting.FindIndex(matches);
        if (index < 0) return null;
        var request = Waiting[index];
        Waiting.RemoveAt(index);
        return request;
    }

    public Task<Answer> AskAsync(string name, int connection, string token, params JsonNode?[] details)
    {
        var request = new Request(name, connection, token, new JsonArray(details));
        _asked.Add(request);
        Waiting.Add(request);
        return request.Answered;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (path, query) = (request.RequestUri!.AbsolutePath, request.RequestUri.Query);
        var token = request.Headers.Authorization?.Parameter ?? "";
        var name = path.EndsWith("/events", StringComparison.Ordinal) ? "post" : path.Split('/')[^1];
        JsonNode? detail = null;
        JsonNode? seen = null;
        if (name is "post" or "batch")
        {
            // Read at once: it is in memory already.
            using var body = request.Content!.ReadAsStream(cancellationToken);
            detail = JsonNode.Parse(body);
        }
        else if (query.Length > 0)
        {
            detail = long.Parse(query.Split('=', '&')[1], provider: null);
            if (query.Split("&seen=") is [_, var mark]) seen = long.Parse(mark, provider: null);
        }
        // On the thread that answers, so that what HttpClient does with it happens there too, at once.
        var answer = await AskAsync(name, 0, token, detail is null ? [] : seen is null ? [detail] : [detail, seen]).WaitAsync(cancellationToken).ConfigureAwait(false);
        var response = new HttpResponseMessage(answer.Status) { Content = new StringContent(answer.Body, Encoding.UTF8) };
        if (answer.RetryAfter is not null) response.Headers.Add("Retry-After", answer.RetryAfter);
        return response;
    }
}

internal sealed class FakeHub(
    FakeServer server,
    int number,
    string token,
    ServerCalls calls) : IHub
{
    /// <summary>Whether the client has let go of it.</summary>
    public bool IsDisposed { get; private set; }

    public async Task OpenAsync(CancellationToken stop) => await server.AskAsync("open", number, token).WaitAsync(stop);

    public Task<JoinResult> JoinAsync(Guid runId, long? afterSequence) => AskAsync("JoinRun", CollabJson.Default.JoinResult, afterSequence);

    public Task<PublishAck> PublishAsync(Guid runId, string eventType, JsonElement data, Guid messageId) =>
        AskAsync("Publish", CollabJson.Default.PublishAck, eventType, JsonObject.Create(data), messageId.ToString());

    public Task<PublishResult[]> PublishBatchAsync(Guid runId, PublishRequest[] events) =>
        AskAsync("PublishBatch", (JsonTypeInfo<PublishResult[]>)JsonSerializerOptions.Web.GetTypeInfo(typeof(PublishResult[])), JsonSerializer.SerializeToNode(events, JsonSerializerOptions.Web));

    public Task MoveCursorAsync(Guid runId, string? nodeId)
    {
        // Sent and not waited for: there is no answer.
        _ = server.AskAsync("MoveCursor", number, token, nodeId);
        return Task.CompletedTask;
    }

    public Task<Pong> PingAsync(double clientTimestamp, double? lastRoundTripMs, (Guid RunId, long Last)? seen) =>
        AskAsync("Ping", CollabJson.Default.Pong, clientTimestamp, lastRoundTripMs, seen?.Last);

    public void Abort()
    {
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>The server sends events.</summary>
    public void Send(Guid runId, JsonArray events) =>
        calls.Received(runId, events.Deserialize<CollaborationEvent[]>(JsonSerializerOptions.Web)!);

    /// <summary>The server says what the state comes to.</summary>
    public void Tell(Guid runId, JsonNode fingerprint) => calls.Told(runId, fingerprint.Deserialize(CollabJson.Default.StateFingerprint)!);

    /// <summary>The connection is lost. What was asked over it is answered no more, except by a test of late answers.</summary>
    public void Drop(Exception? reason, bool? allowReconnect = null) => calls.Closed(reason, allowReconnect);

    private async Task<T> AskAsync<T>(string name, JsonTypeInfo<T> type, params JsonNode?[] details)
    {
        var answer = await server.AskAsync(name, number, token, details);
        return JsonSerializer.Deserialize(answer.Body, type)!;
    }
}
