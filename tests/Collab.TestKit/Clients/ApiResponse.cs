using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collab.Protocol;

namespace Collab.TestKit;

/// <summary>What an endpoint answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers, without those of the content.</param>
/// <param name="ContentType">The media type of the body, if there is one.</param>
/// <param name="Body">The body as text.</param>
public record ApiResponse(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, string Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>The code in the problem details of a refusal; null if there is none.</summary>
    public CollabErrorCode? Code =>
        ContentType == "application/problem+json"
        && Json.TryGetProperty("code", out var wire)
        && CollabErrorCodes.TryParse(wire.GetString(), out var code) ? code : null;

    /// <summary>Status and body, for failure messages.</summary>
    public sealed override string ToString() => $"{(int)Status} {Body}";
}

/// <summary>What an endpoint answered that returns a known type when all is well.</summary>
/// <typeparam name="T">A wire type.</typeparam>
/// <param name="Response">The answer.</param>
public sealed record ApiResponse<T>(ApiResponse Response) : ApiResponse(Response)
{
    /// <summary>The body of a success.</summary>
    /// <exception cref="InvalidOperationException">It was not a success; the message holds what it was.</exception>
    public T Value => (int)Status is >= 200 and < 300
        ? (T)JsonSerializer.Deserialize(Body, typeof(T), CollabJson.Default)!
        : throw new InvalidOperationException(ToString());
}
