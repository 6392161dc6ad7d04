using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>
/// An answer that is put together from JSON that exists already. The whole of it is in memory until the client has taken it.
/// </summary>
internal sealed class RawJson(Action<Utf8JsonWriter> write) : IResult
{
    public static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        try
        {
            await Begin(httpContext, buffer.WrittenCount).WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
    }

    /// <summary>Says what the answer is, and that it is this long.</summary>
    public static PacedBody Begin(HttpContext http, long length)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = length;
        if (http.Response.Headers.CacheControl.Count == 0) http.Response.Headers.CacheControl = "no-store";
        return PacedBody.Of(http);
    }
}
