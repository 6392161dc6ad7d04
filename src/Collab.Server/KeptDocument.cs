using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Collab.Server;

/// <summary>
/// A document that is the same for all who ask: its bytes are made and compressed once, and who has it already is told so.
/// </summary>
internal sealed class KeptDocument
{
    private readonly string _contentType;

    /// <summary>Best first, the plain one last.</summary>
    private readonly (string? Coding, byte[] Bytes, EntityTagHeaderValue Tag)[] _forms;

    public KeptDocument(byte[] bytes, string contentType)
    {
        _contentType = contentType;
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes)[..8]);
        _forms =
        [
            ("br", Compress(bytes, to => new BrotliStream(to, CompressionLevel.Optimal)), new($"\"{hash}-br\"")),
            ("gzip", Compress(bytes, to => new GZipStream(to, CompressionLevel.Optimal)), new($"\"{hash}-gz\"")),
            (null, bytes, new($"\"{hash}\"")),
        ];
    }

    public Task SendAsync(HttpContext http)
    {
        var (coding, bytes, tag) = Array.Find(_forms, form => form.Coding is null || AcceptedCodings.Accept(http.Request, form.Coding));
        var headers = http.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.CacheControl = "no-cache";
        if (coding is not null) headers.ContentEncoding = coding;
        return TypedResults.Bytes(bytes, _contentType, entityTag: tag).ExecuteAsync(http);
    }

    private static byte[] Compress(byte[] bytes, Func<Stream, Stream> coding)
    {
        using var compressed = new MemoryStream();
        using (var stream = coding(compressed)) stream.Write(bytes);
        return compressed.ToArray();
    }
}
