using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Collab.Server;

/// <summary>
/// <c>/openapi/v1.json</c>: made once, not for each who asks. The server's address is the one thing in it that depends on the request: it
/// is given as a path, so that scheme and host are those that the document was fetched from, whatever proxies there are.
/// </summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    /// <summary>Stands for the path while the document is made.</summary>
    private const string ServerMark = "/{server}";

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(Name);
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, Protocol.CollabJson.Default));
    }

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        var text = new Lazy<Task<string>>(() => MakeAsync(app.ServiceProvider));
        app.MapGet("/openapi/v1.json", async http =>
        {
            var document = await text.Value;
            var path = JsonEncodedText.Encode(http.Request.PathBase is { HasValue: true } prefix ? prefix.Value! : "/").Value;
            http.Response.ContentType = "application/json; charset=utf-8";
            await http.Response.WriteAsync(document.Replace(ServerMark, path, StringComparison.Ordinal), http.RequestAborted);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<string> MakeAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
        document.Servers = [new() { Url = ServerMark }];
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1);
    }
}
