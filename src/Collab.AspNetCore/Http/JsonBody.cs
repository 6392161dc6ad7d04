using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>Reads the body of a request: as large as a hub frame may be, and no larger.</summary>
internal static class JsonBody
{
    private const int MaxBytes = 64 * 1024;

    /// <param name="request">The request.</param>
    /// <param name="json">How it is read.</param>
    /// <param name="form">What it must look like, in the sentence of the refusal.</param>
    /// <exception cref="RefusedException"><c>payload_too_large</c>, or <c>invalid_event</c>: not the JSON that is expected.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> json, string form) where T : class
    {
        if (request.ContentLength > MaxBytes) throw TooLarge();
        var read = await ReadAsync(request);
        try
        {
            if (read.Buffer.Length > MaxBytes) throw TooLarge();
            var reader = new Utf8JsonReader(read.Buffer);
            var body = JsonSerializer.Deserialize(ref reader, json);
            return body is not null && !reader.Read() ? body : throw Malformed(form);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            // The last is the reader's own, of the beginning of a literal where a buffer ends and only an empty one follows.
            throw Malformed(form);
        }
        finally
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(HttpRequest request)
    {
        try
        {
            // Ends with the connection by itself; a read that is cancelled would stay open, and Kestrel complains of that.
            return await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, CancellationToken.None);
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ConnectionResetException)
            && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // A chunk says that it has more bytes than can be counted.
            throw RefusedException.Invalid("The body of the request cannot be read.");
        }
    }

    private static RefusedException TooLarge() => new(CollabErrorCode.PayloadTooLarge, $"The body may have {MaxBytes} bytes.");

    private static RefusedException Malformed(string form) => RefusedException.Invalid($"The body must be JSON: {form}.");
}
