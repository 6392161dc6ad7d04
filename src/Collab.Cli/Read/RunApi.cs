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
    private readonly HttpClient _http = new() { Timeout = target.Timeout };

    public Task<ReplayResult> ReplayAsync(long after, CancellationToken stop) =>
        GetAsync($"replay?afterSequence={after}&limit=1000", CollabJson.Default.ReplayResult, stop);

    public Task<RunState> StateAsync(long? at, CancellationToken stop) =>
        GetAsync(at is { } sequence ? $"state?asOfSequence={sequence}" : "state", CollabJson.Default.RunState, stop);

    public void Dispose() => _http.Dispose();

    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="NotInTimeException">No answer of a Collab server came.</exception>
    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        var address = $"{target.Server.AbsoluteUri.TrimEnd('/')}/api/runs/{runId}/collaboration/{path}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await target.Tokens.GetAsync(number: null, stop));
            using var response = await _http.SendAsync(request, stop);
            var text = await response.Content.ReadAsStringAsync(stop);
            if (!response.IsSuccessStatusCode) throw (Exception?)Refusal(text) ?? NoAnswer($"it answered with status {(int)response.StatusCode}");
            return JsonSerializer.Deserialize(text, type) ?? throw NoAnswer("it answered with nothing");
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer((e.InnerException ?? e).Message.TrimEnd('.'));
        }
        catch (JsonException)
        {
            throw NoAnswer("its answer is not one of Collab");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw target.NotReached();
        }
    }

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
