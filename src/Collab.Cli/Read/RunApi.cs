using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Read;

/// <summary>What can be asked of a run over HTTP without following it: nobody sees this user come and go.</summary>
internal sealed class RunApi(Target target, Guid runId) : IDisposable
{
    private const string NotOurs = "its answer is not one of Collab";

    /// <summary>One time limit holds for the token and for the answer together.</summary>
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public Task<ReplayResult> ReplayAsync(long after, CancellationToken stop) =>
        GetAsync($"replay?afterSequence={after}&limit=1000", CollabJson.Default.ReplayResult, replay => replay.Events is not null, stop);

    public Task<RunState> StateAsync(long? at, CancellationToken stop) =>
        GetAsync(at is { } sequence ? $"state?asOfSequence={sequence}" : "state", CollabJson.Default.RunState, IsState, stop);

    public void Dispose() => _http.Dispose();

    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="NotInTimeException">No answer of a Collab server came.</exception>
    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, Predicate<T> isOurs, CancellationToken stop)
    {
        var address = $"{target.Server.AbsoluteUri.TrimEnd('/')}/api/runs/{runId}/collaboration/{path}";
        using var timeout = new CancellationTokenSource(target.Timeout);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await target.Tokens.GetAsync(number: null, end.Token));
            using var response = await _http.SendAsync(request, end.Token);
            var text = await response.Content.ReadAsStringAsync(end.Token);
            if (!response.IsSuccessStatusCode) throw (Exception?)Refusal(text) ?? NoAnswer($"it answered with status {(int)response.StatusCode}");
            // Whatever else is at the address has its own ideas of an answer.
            return JsonSerializer.Deserialize(text, type) is { } answer && isOurs(answer) ? answer : throw NoAnswer(NotOurs);
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer((e.InnerException ?? e).Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or in an encoding that there is not.
            throw NoAnswer(NotOurs);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw target.NotReached();
        }
    }

    private static bool IsState(RunState state) => state is { Grafts: not null, PrunedSteps: not null, Flags: not null };

    private NotInTimeException NoAnswer(string reason) => new($"The server at {target.Server} could not be asked: {reason}.");

    /// <summary>What problem details with a code say; null if they are somebody else's.</summary>
    private static CollabException? Refusal(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return CollabErrorCodes.TryParse(Text(problem, "code"), out var code) ? new(code, Text(problem, "detail") ?? "") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
