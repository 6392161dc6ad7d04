using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Http;
using Collab.OpenApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Collab.Server;

/// <summary>
/// <c>/openapi/v1.json</c>: made once, not for each request. The server's address is the one thing in it that depends on the request: it
/// is given as a path, so that scheme and host are those that the document was fetched from, whatever proxies there are.
/// </summary>
internal static class ApiDocument
{
    private const string Name = "v1";
    private const string ContentType = "application/json; charset=utf-8";

    /// <summary>A proxy may pass on whatever path a client claims; for so many the document is kept.</summary>
    private const int KeptPaths = 16;

    /// <summary>The name in the document of how a caller says who it is.</summary>
    public const string BearerScheme = "bearer";

    /// <summary>Stands for the path while the document is made.</summary>
    private const string ServerMark = "/{server}";

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(Name, document => document.AddCollabEvents());
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, Protocol.CollabJson.Default));
    }

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        var text = new Lazy<Task<string>>(() => MakeAsync(app.ServiceProvider));
        var kept = new ConcurrentDictionary<string, KeptDocument>(StringComparer.Ordinal);
        app.MapMethods("/openapi/v1.json", [HttpMethods.Get, HttpMethods.Head], async http =>
        {
            var path = http.Request.PathBase is { HasValue: true } prefix ? prefix.Value! : "/";
            if (!kept.TryGetValue(path, out var document))
            {
                var bytes = For(path, await text.Value);
                if (kept.Count >= KeptPaths)
                {
                    await TypedResults.Bytes(bytes, ContentType).ExecuteAsync(http);
                    return;
                }
                document = kept.GetOrAdd(path, _ => new(bytes, ContentType));
            }
            await document.SendAsync(http);
        }).AllowAnonymous().LimitDocuments().ExcludeFromDescription();
    }

    private static byte[] For(string path, string text) =>
        Encoding.UTF8.GetBytes(text.Replace(ServerMark, JsonEncodedText.Encode(path).Value, StringComparison.Ordinal));

    private static async Task<string> MakeAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
        document.Servers = [new() { Url = ServerMark }];
        document.Info = new()
        {
            Title = "Collab API",
            Version = typeof(ApiDocument).Assembly.GetName().Version!.ToString(fieldCount: 3),
            Description = "Runs over HTTP: publish, read, follow, administer. "
                + "In Development `GET /dev/token?user=ana` answers with a token.",
        };
        document.AddComponent(BearerScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "The token of the user.",
        });
        document.Security = [new() { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] }];
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1);
    }
}
