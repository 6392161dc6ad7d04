using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.Client;

/// <summary>Reads refusals from the two transports.</summary>
internal static partial class Refusal
{
    /// <summary>The refusal that an error of the hub stands for; null if it is none, as when the network failed.</summary>
    public static CollabException? OfHub(Exception? error) => error switch
    {
        CollabException refusal => refusal,
        // The server did not let the WebSocket be opened. Other statuses may be a proxy's.
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } refused => new(CollabErrorCode.Unauthorized, refused.Message),
        HubException { Message: var message } when Coded().Match(message) is { Success: true } match && CollabErrorCodes.TryParse(match.Groups["code"].Value, out var code) =>
            new(code, match.Groups["text"].Value),
        _ => null,
    };

    /// <summary>
    /// What an HTTP status of 400 and more means: a <see cref="CollabException"/> or a <see cref="NoAnswerException"/>. The code is in the body; a proxy's own
    /// answer has none, and then only the status speaks. A gateway's 502, 503, 504 or the like says that the server was not reached: no answer came.
    /// </summary>
    public static Exception OfHttp(HttpStatusCode status, string body, RetryConditionHeaderValue? retryAfter)
    {
        var (text, detail) = Problem(body);
        detail ??= $"The server answered with status {(int)status}.";
        var code = CollabErrorCodes.TryParse(text, out var known) ? known : CodeOf(status);
        return code is { } refused
            ? new CollabException(refused, detail, retryAfter?.Delta)
            : new NoAnswerException(detail) { RetryAfter = retryAfter?.Delta };
    }

    private static (string? Code, string? Detail) Problem(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return (problem.RootElement.Text("code"), problem.RootElement.Text("detail"));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>
    /// A 403 or 400 without our code is not our server's word: it must not end the connection for good. A 500 may be: the server failed over this very
    /// request, and may do so each time. Null: nobody has looked at the request.
    /// </summary>
    private static CollabErrorCode? CodeOf(HttpStatusCode status) => status switch
    {
        > HttpStatusCode.InternalServerError => null,
        HttpStatusCode.Unauthorized => CollabErrorCode.Unauthorized,
        HttpStatusCode.RequestEntityTooLarge => CollabErrorCode.PayloadTooLarge,
        HttpStatusCode.TooManyRequests => CollabErrorCode.RateLimited,
        _ => CollabErrorCode.Unavailable,
    };

    [GeneratedRegex(@"\[(?<code>[a-z_]+)\] ?(?<text>.*)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Coded();
}
