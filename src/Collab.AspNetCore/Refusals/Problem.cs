using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Collab.AspNetCore.Refusals;

/// <summary>
/// A refusal as RFC 9457 problem details with our <c>code</c>: the same bytes whatever the application does with problems of its own, and
/// whatever <c>Accept</c> says.
/// </summary>
internal sealed class Problem : IResult, IStatusCodeHttpResult
{
    private readonly int _status;
    private readonly string _detail;
    private readonly CollabErrorCode? _code;
    private readonly TimeSpan? _retryAfter;
    private readonly EndingCode? _ending;
    private readonly IReadOnlyList<CollaborationEvent> _events = [];
    private readonly long? _serverTimestamp;

    private Problem(int status, string detail) => (_status, _detail) = (status, detail);

    private Problem(int status, RefusedException refused)
        : this(status, refused.Detail) =>
        (_code, _retryAfter, _ending, _events, _serverTimestamp) =
            (refused.Code, refused.RetryAfter, refused.Ending, refused.ConflictingEvents, refused.ServerTimestamp);

    public int? StatusCode => _status;

    /// <param name="refused">The refusal.</param>
    /// <param name="status">Where it is not the code's own.</param>
    public static Problem From(RefusedException refused, int? status = null) =>
        new(status ?? refused.Code.ToHttpStatus(), refused);

    /// <summary>The body is of another type than JSON, or of none.</summary>
    public static Problem NotJson { get; } =
        From(RefusedException.Invalid("Content-Type must be application/json."), StatusCodes.Status415UnsupportedMediaType);

    /// <summary>There is no such thing; no code stands for that.</summary>
    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    /// <summary>It cannot be done as things are; no code stands for that.</summary>
    public static Problem Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (_retryAfter is { } after)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        // What stands before the servers, or the client itself, is to find another one.
        if (_ending == EndingCode.Shutdown) response.Headers.Connection = "close";
        if (_status == StatusCodes.Status401Unauthorized && await Challenge.OfAsync(httpContext) is { } challenge)
            response.Headers.WWWAuthenticate = challenge;
        var body = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(body)) Write(json);
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, httpContext.RequestAborted);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(_status));
        json.WriteNumber("status"u8, _status);
        json.WriteString("detail"u8, _detail);
        if (_code is { } code) json.WriteString("code"u8, code.ToWire());
        if (_retryAfter is { } after) json.WriteNumber("retryAfterMs"u8, Math.Ceiling(after.TotalMilliseconds));
        if (_ending is { } ending) json.WriteString("ending"u8, ending.ToWire());
        if (_serverTimestamp is { } now) json.WriteNumber("serverTimestamp"u8, now);
        if (_events.Count > 0)
        {
            json.WritePropertyName("events"u8);
            JsonSerializer.Serialize(json, _events, CollabJson.Default.IReadOnlyListCollaborationEvent);
        }
        json.WriteEndObject();
    }
}
