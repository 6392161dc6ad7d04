using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Collab.Server;

/// <summary>A file of the page. The build may have laid compressed forms of it beside it: <c>.br</c>, <c>.gz</c>.</summary>
internal sealed partial record PageAsset(string Path, string File, string ContentType)
{
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    /// <summary>Best first.</summary>
    private static readonly (string Coding, string Extension)[] Compressed = [("br", ".br"), ("gzip", ".gz")];

    /// <summary>The build puts a hash of the content into the name: what has one never changes.</summary>
    [GeneratedRegex(@"-[A-Z0-9]{8}\.\w+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HashedName();

    /// <summary>The files of a folder that have a known type, without the document.</summary>
    public static IEnumerable<PageAsset> In(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        let path = "/" + System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/')
        where path != "/index.html" && !Compressed.Any(c => file.EndsWith(c.Extension, StringComparison.Ordinal))
        let contentType = ContentTypes.TryGetContentType(file, out var known) ? known : null
        where contentType is not null
        select new PageAsset(path, file, contentType);

    public IResult Send(HttpContext http)
    {
        var (coding, extension) =
            Compressed.FirstOrDefault(c => AcceptedCodings.Accept(http.Request, c.Coding) && System.IO.File.Exists(File + c.Extension));
        var headers = http.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.CacheControl = HashedName().IsMatch(File) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        if (coding is not null) headers.ContentEncoding = coding;
        var file = new FileInfo(File + extension);
        var changed = new DateTimeOffset(file.LastWriteTimeUtc);
        return TypedResults.PhysicalFile(
            file.FullName, ContentType, lastModified: changed, entityTag: new($"\"{changed.Ticks:x}-{file.Length:x}\""));
    }
}
