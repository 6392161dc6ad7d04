using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Collab.CliTests.Kit;

/// <summary>A web server that is not Collab: whatever it is asked, it answers the same.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Stranger(string answer, string contentType)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(context =>
        {
            context.Response.ContentType = contentType;
            return context.Response.WriteAsync(answer);
        });
    }

    /// <summary>Says where it is.</summary>
    public Dictionary<string, string> Environment => new() { ["COLLAB_SERVER"] = _app.Urls.Single() };

    public static async Task<Stranger> StartAsync(string answer, string contentType = "application/json")
    {
        var stranger = new Stranger(answer, contentType);
        await stranger._app.StartAsync();
        return stranger;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
