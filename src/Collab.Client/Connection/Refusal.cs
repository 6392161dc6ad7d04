using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.Client;

/// <summary>
/// Reads refusals and endings from the two transports. What a proxy or the network says may hold any words: only the server's are looked
/// at.
/// </summary>
internal static partial class Refusal
{
    /// <summary>The refusal that an error of the hub stands for; null if it is none, as when the network failed.</summary>
    public static CollabException? OfHub(Exception? error) => error switch
    {
        CollabException refusal => refusal,
        // The server did not let the WebSocket be opened. Other statuses may be a proxy's.
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } refused => new(CollabErrorCode.Unauthorized, refused.Message),
        HubException { Message: var message } when Coded().Match(message) is { Success: true } match
            && CollabErrorCodes.TryParse(match.Groups["code"].Value, out var code) =>
            new(code, match.Groups["text"].Value, RetryAfter(match.Groups["text"].Value)),
        _ => null,
    };

    /// <summary>
    /// Why an open connection has ended: an <see cref="EndedByServerException"/> where the server said so, else the same error.
    /// </summary>
    /// <param name="error">With which it was closed; null if with none.</param>
    /// <param name="allowReconnect">What the server's close message says; null where there was none.</param>
    public static Exception? OfClose(Exception? error, bool? allowReconnect) =>
        error is HubException { Message: var message }
        && Coded().Match(message) is { Success: true } match
        && EndingCodes.TryParse(match.Groups["code"].Value, out var code)
            ? new EndedByServerException(code, match.Groups["text"].Value, allowReconnect)
            : error;

    /// <summary>
    /// What an HTTP status of 400 and more means: a <see cref="CollabException"/> or a <see cref="NoAnswerException"/>. The code is in the
    /// body; a proxy's own answer has none, and then only the status speaks. A gateway's 502, 503, 504 or the like says that the server was
    /// not reached: no answer came.
    /// </summary>
    public static Exception OfHttp(HttpStatusCode status, string body, RetryConditionHeaderValue? retryAfter)
    {
        var (text, detail, ended, events, now) = Problem(body);
        detail ??= $"The server answered with status {(int)status}.";
        // Another status than the code's own is not our server's.
        var isOurs = CollabErrorCodes.TryParse(text, out var known) && known.ToHttpStatus() == (int)status;
        var code = isOurs ? known : CodeOf(status);
        EndingCode? ending = EndingCodes.TryParse(ended, out var told) ? told : null;
        return code is { } refused
            ? new CollabException(refused, detail, retryAfter?.Delta)
            {
                IsGuess = !isOurs,
                Ending = ending,
                ConflictingEvents = events ?? [],
                ServerTime = isOurs ? CollabException.TimeOf(now) : null,
            }
            : new NoAnswerException(detail) { RetryAfter = retryAfter?.Delta };
    }

    private static (string? Code, string? Detail, string? Ending, CollaborationEvent[]? Events, long? Now) Problem(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            var root = problem.RootElement;
            var events = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("events", out var list)
                ? list.Deserialize(ClientJson.Default.CollaborationEventArray)
                : null;
            var now = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("serverTimestamp", out var time)
                && time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out var milliseconds)
                ? milliseconds
                : (long?)null;
            return (root.Text("code"), root.Text("detail"), root.Text("ending"), events, now);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>
    /// A 403 or 400 without our code is not our server's word: it must not end the connection for good. A 500 may be: the server failed
    /// over this very request, and may do so each time. Null: nobody has looked at the request.
    /// </summary>
    private static CollabErrorCode? CodeOf(HttpStatusCode status) => status switch
    {
        > HttpStatusCode.InternalServerError => null,
        HttpStatusCode.Unauthorized => CollabErrorCode.Unauthorized,
        HttpStatusCode.RequestEntityTooLarge => CollabErrorCode.PayloadTooLarge,
        HttpStatusCode.TooManyRequests => CollabErrorCode.RateLimited,
        _ => CollabErrorCode.Unavailable,
    };

    /// <summary>A limit says so at the end of its sentence.</summary>
    private static TimeSpan? RetryAfter(string text) =>
        TryAgain().Match(text) is { Success: true } match
        && double.TryParse(match.Groups["seconds"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The code in brackets that the server's own words begin with, and what SignalR puts before them.</summary>
    [GeneratedRegex(
        @"^(?:[^\[\]:]*: )?\[(?<code>[a-z_]+)\] ?(?<text>.*)$",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Coded();

    [GeneratedRegex(
        @"Try again in (?<seconds>[0-9]{1,12}(\.[0-9]{1,9})?) s\.?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TryAgain();
}
