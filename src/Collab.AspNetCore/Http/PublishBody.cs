using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>
/// The body of a publish over HTTP, <see cref="PublishRequest"/> on the wire. As large as a hub frame may be, and no larger.
/// </summary>
internal sealed record PublishBody(string? EventType, EventData? Data, string? MessageId)
{
    private const int MaxBytes = 64 * 1024;

    /// <exception cref="RefusedException"><c>payload_too_large</c>, or <c>invalid_event</c>: not the JSON that is expected.</exception>
    public static async ValueTask<PublishBody> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes) throw TooLarge();
        // Ends with the connection by itself; a read that is cancelled would stay open, and Kestrel complains of that.
        var read = await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, CancellationToken.None);
        try
        {
            if (read.Buffer.Length > MaxBytes) throw TooLarge();
            var reader = new Utf8JsonReader(read.Buffer);
            var body = JsonSerializer.Deserialize(ref reader, PublishBodyJson.Default.PublishBody);
            return body is not null && !reader.Read() ? body : throw Malformed();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Malformed();
        }
        finally
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }

    private static RefusedException TooLarge() => new(CollabErrorCode.PayloadTooLarge, $"The body may have {MaxBytes} bytes.");

    private static RefusedException Malformed() => RefusedException.Invalid("The body must be JSON: { eventType, data, messageId }.");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(PublishBody))]
internal sealed partial class PublishBodyJson : JsonSerializerContext;
