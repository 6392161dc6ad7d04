using System.Text;
using System.Text.Json;
using Collab.Hostile.Inputs;
using Collab.TestKit;

namespace Collab.Hostile.Kinds;

/// <summary>Requests: method, address, headers, media type and body, and bytes that are no request.</summary>
internal class HttpKind : ServedKind
{
    private const string NoAnswer = "no answer";

    private static readonly TimeSpan ShortWhile = TimeSpan.FromMilliseconds(200);

    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "post", "PROPFIND", "G ET"];

    private static readonly string[] HeaderLines =
    [
        "Content-Type: text/plain", "Content-Type: application/json; charset=utf-16", "Content-Type: application/xml", "Content-Type:", "Content-Type: application/json;;;",
        "Content-Type: multipart/form-data", "Accept: text/html", "Accept: */*;q=a", "Accept: application/xml", "Accept-Encoding: gzip;q=-1", "Content-Encoding: gzip",
        "Origin: https://evil.example", "Origin: null", "Host: evil.example", "X-Forwarded-For: 1.2.3.4, x", "X-Forwarded-Proto: gopher", "X-HTTP-Method-Override: DELETE",
        "If-None-Match: \"x\"", "If-None-Match: *", "If-Modified-Since: yesterday", "Range: bytes=0-18446744073709551615", "Last-Event-ID: -1", "Last-Event-ID: 99999999999999999999",
        "Last-Event-ID: \u00e9", "Cookie: a=b; c", "Expect: 100-continue", "Expect: 200-ok", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Content-Length: 99999999999999999999", "Content-Length: -1", "Content-Length: 1", "Upgrade: websocket", "Connection: Upgrade, close", "Authorization: Basic eDp5",
        "Authorization: Bearer", "Authorization: Bearer x.y.z", "traceparent: 00-x-y-z", "baggage: a=\u0001", ": empty", "No colon", "Access-Control-Request-Method: POST",
    ];

    private static readonly IReadOnlyList<Request> Requests =
        [.. Corpus.Lines("http.jsonl").Select(line => JsonSerializer.Deserialize<Request>(line, JsonSerializerOptions.Web)!)];

    private static readonly IReadOnlyList<byte[]> Paths = [.. Requests.Select(r => Encoding.Latin1.GetBytes(r.Path))];

    private static readonly IReadOnlyList<byte[]> Bodies = [.. Requests.Select(r => r.Body).OfType<string>().Select(Encoding.UTF8.GetBytes)];

    public override string Name => "http";

    protected override int Workers => 16;

    protected override async Task TryAsync(long first, int count)
    {
        RawHttpConnection? connection = null;
        try
        {
            for (var index = first; index < first + count; index++)
            {
                var (request, isSure, mayWait) = RequestOf(MutatorOf(index));
                if (connection?.IsReusable != true || !isSure)
                {
                    connection?.Dispose();
                    connection = await RawHttpConnection.OpenAsync(Stage.Address);
                }
                var problem = await TryAsync(connection, request, isSure, mayWait);
                if (problem == NoAnswer)
                {
                    // The server may have ended a connection while the request was under way: what has no answer is asked again.
                    connection.Dispose();
                    connection = await RawHttpConnection.OpenAsync(Stage.Address);
                    problem = await TryAsync(connection, request, isSure, mayWait);
                }
                Found(index, problem == NoAnswer ? $"{NoAnswer} to {Encoding.Latin1.GetString(request)}" : problem);
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <returns>The bytes; whether they are one request, to which there is an answer; whether that may take its time.</returns>
    protected virtual (byte[] Request, bool IsSure, bool MayWait) RequestOf(Mutator mutator)
    {
        var request = mutator.Of(Requests);
        var method = mutator.Chance(0.05) ? mutator.Of(Methods) : request.Method;
        var path = Encoding.Latin1.GetBytes(request.Path);
        if (mutator.Chance(0.35)) path = mutator.Chance(0.5) ? ChangeQuery(mutator, request.Path) : mutator.ChangeBytes(path, Paths);
        var body = request.Body is { } text ? Encoding.UTF8.GetBytes(text) : [];
        if (body.Length > 0 && mutator.Chance(0.8)) body = mutator.Mutate(mutator.Chance(0.8) ? [body] : Bodies, asJson: true);
        var isSure = method == request.Method && !path.AsSpan().ContainsAnyInRange((byte)0, (byte)' ') && !path.AsSpan().ContainsAnyInRange((byte)0x7f, (byte)0xff);
        var head = new StringBuilder();
        head.Append(method).Append(' ').Append(Stage.Spell(Encoding.Latin1.GetString(path))).Append(" HTTP/1.1\r\nHost: ").Append(Stage.Address.Authority).Append("\r\n");
        if (!mutator.Chance(0.03)) head.Append("Authorization: Bearer ").Append(Stage.Token).Append("\r\n");
        if (body.Length > 0 && !mutator.Chance(0.03)) head.Append("Content-Type: application/json\r\n");
        if (mutator.Chance(0.15))
        {
            isSure = false;
            head.Append(mutator.Of(HeaderLines)).Append("\r\n");
        }
        var content = Encoding.Latin1.GetBytes(Stage.Spell(Encoding.Latin1.GetString(body)));
        if (request.Method is not "GET") head.Append("Content-Length: ").Append(content.Length).Append("\r\n");
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. request.Method is "GET" ? [] : content];
        if (mutator.Chance(0.05)) (bytes, isSure) = (mutator.ChangeBytes(bytes, [bytes]), false);
        return (bytes, isSure, head.ToString().Contains("waitSeconds", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What is wrong with an answer; null: nothing.</summary>
    protected virtual string? Problem(RawAnswer answer, byte[] request)
    {
        var shown = $"{answer.Status} {answer.Body}";
        if (answer.Status >= 500 && answer.Status is not (503 or 505)) return shown;
        if (answer.Status is 400 or 408 or 411 or 413 or 414 or 417 or 431 or 505 && answer.Body.Length == 0) return null; // The web server's own: it is no request.
        // SignalR's own, of a transport that has no connection of this id.
        if (answer.Body.Contains("Connection ID required", StringComparison.Ordinal)) return null;
        if (answer.Status is 400 or 401 or 403 or 409 or 413 or 429 or 503 && !Rules.IsCode(CodeOf(answer.Body)) && !IsHead(request)) return $"no code: {shown}";
        return IsPage(answer) ? null : Rules.OfText(answer.Body);
    }

    private async Task<string?> TryAsync(RawHttpConnection connection, byte[] request, bool isSure, bool mayWait)
    {
        using var timeout = new CancellationTokenSource(isSure && !mayWait ? Patience.Process : ShortWhile);
        try
        {
            return await connection.AskAsync(request, timeout.Token) is { } answer ? Problem(answer, request) : isSure ? NoAnswer : null;
        }
        catch (OperationCanceledException)
        {
            return isSure && !mayWait ? NoAnswer : null;
        }
    }

    private static bool IsHead(byte[] request) => request.AsSpan().StartsWith("HEAD"u8);

    /// <summary>The demo page, its scripts and the API's description may say what they like.</summary>
    private static bool IsPage(RawAnswer answer) =>
        answer.Status is 200 or 304 && !answer.Head.Contains("application/json", StringComparison.OrdinalIgnoreCase) | answer.Body.Contains("\"openapi\"", StringComparison.Ordinal);

    private static string? CodeOf(string body)
    {
        // A body in chunks has their lengths around it.
        var (start, end) = (body.IndexOf('{', StringComparison.Ordinal), body.LastIndexOf('}'));
        if (start < 0 || end < start) return null;
        try
        {
            return JsonElement.Parse(body[start..(end + 1)]).TryGetProperty("code", out var code) ? code.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] ChangeQuery(Mutator mutator, string path)
    {
        var values = (string[])["", "-1", "0", "1", "1.5", "30", "1000", "1001", "9223372036854775807", "9223372036854775808", "1e3", "x", "%00", "%ff", "true", "null", "+1", "%201", "2026-01-01T00:00:00Z", "GRAFT", "full", "FULL"];
        var names = (string[])["afterSequence", "fromSequence", "limit", "waitSeconds", "eventType", "userId", "since", "asOfSequence", "cursor", "presence", "seen", "ended", "fingerprints", "local", "access_token", "AFTERSEQUENCE", "a", ""];
        var query = string.Join('&', Enumerable.Range(0, mutator.Random.Next(1, 4)).Select(_ => $"{mutator.Of(names)}={mutator.Of(values)}"));
        return Encoding.Latin1.GetBytes($"{path.Split('?')[0]}?{query}");
    }

    private sealed record Request(string Method, string Path, string? Body);
}
