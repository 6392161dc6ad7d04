using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Metrics;

/// <summary>
/// Where <c>/metrics</c> is answered: nowhere without <c>Collab:Metrics:Enabled</c>. <c>Collab:Metrics:Port</c> adds that port to the addresses the server listens on, and it
/// and <c>/metrics</c> are kept to each other.
/// </summary>
internal sealed class MetricsPort(IOptions<CollabOptions> options, IConfiguration configuration) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (!options.Value.Metrics.Enabled)
        {
            app.Use((http, following) => IsForMetrics(http) ? NotFound(http) : following(http));
        }
        else if (options.Value.Metrics.Port is { } port)
        {
            // The host has read its addresses by now, and the server has not started.
            if (app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses is { } addresses) Listen(addresses, port);
            app.Use((http, following) => (http.Connection.LocalPort == port) == IsForMetrics(http) ? following(http) : NotFound(http));
        }
        next(app);
    };

    private static bool IsForMetrics(HttpContext http) => http.Request.Path.StartsWithSegments(CollabPaths.Metrics, StringComparison.OrdinalIgnoreCase);

    private void Listen(ICollection<string> addresses, int port)
    {
        // Kestrel would then disregard the configured endpoints; MetricsPortEndpoint adds one to them.
        if (ListenAddresses.AreEndpoints(configuration)) return;
        if (addresses.Count == 0) addresses.Add(ListenAddresses.Default);
        addresses.Add($"http://{BindingAddress.Parse(addresses.First()).Host}:{port}");
    }

    private static Task NotFound(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}

/// <summary>The same port where the server's addresses are given as <c>Kestrel:Endpoints</c>.</summary>
internal sealed class MetricsPortEndpoint(IOptions<CollabOptions> options, IConfiguration configuration) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions kestrel)
    {
        if (options.Value.Metrics.Port is not { } port || !ListenAddresses.AreEndpoints(configuration)) return;
        var host = BindingAddress.Parse(ListenAddresses.Of(configuration)[0]).Host;
        if (host == "localhost") kestrel.ListenLocalhost(port);
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address)) kestrel.Listen(address, port);
        else kestrel.ListenAnyIP(port);
    }
}

/// <summary>A port of its own must not be the server's.</summary>
internal sealed class MetricsPortRule(IConfiguration configuration) : IValidateOptions<CollabOptions>
{
    public ValidateOptionsResult Validate(string? name, CollabOptions options) =>
        options.Metrics.Port is { } port && Array.Exists(ListenAddresses.Of(configuration), a => ListenAddresses.PortOf(a) == port)
            ? ValidateOptionsResult.Fail($"Collab:Metrics:Port: {port} is a port that the server itself listens on.")
            : ValidateOptionsResult.Success;
}
