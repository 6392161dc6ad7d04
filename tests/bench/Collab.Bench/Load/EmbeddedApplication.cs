using Collab.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Collab.Bench.Load;

/// <summary>An application with Collab as a library, in this process.</summary>
internal static class EmbeddedApplication
{
    /// <param name="connectionString">Its PostgreSQL.</param>
    /// <param name="add">What it has besides.</param>
    public static async Task<WebApplication> StartAsync(string connectionString, Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddCollab().UsePostgres(connectionString);
        add?.Invoke(builder.Services);
        var application = builder.Build();
        await application.StartAsync();
        return application;
    }
}
