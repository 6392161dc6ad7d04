using System.Net;
using Collab.AspNetCore;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Collab.Server.Telemetry;

/// <summary>Marks the endpoint that Prometheus scrapes.</summary>
internal sealed record MetricsEndpoint;

/// <summary><c>Collab:Metrics:Port</c>: a port for <c>/metrics</c> alone.</summary>
internal static class MetricsPort
{
    /// <summary>Keeps the port and the endpoint to each other. Routing has chosen the endpoint by now, so this knows no paths.</summary>
    public static void UseMetricsPort(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<CollabOptions>>().Value.Metrics.Port is not { } port) return;
        app.Use((http, next) =>
        {
            if (http.Connection.LocalPort == port == IsMetrics(http)) return next(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static bool IsMetrics(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<MetricsEndpoint>() is not null;
}

/// <summary>Adds the port to the addresses that the server listens on.</summary>
internal sealed class MetricsPortAddress(IOptions<CollabOptions> options, IConfiguration configuration) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        // The host has read its addresses by now, and the server has not started.
        if (options.Value.Metrics.Port is { } port && app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses is { } addresses)
            Listen(addresses, port);
        next(app);
    };

    private void Listen(ICollection<string> addresses, int port)
    {
        // Kestrel would then disregard the configured endpoints; MetricsPortEndpoint adds one to them.
        if (ListenAddresses.AreEndpoints(configuration)) return;
        if (addresses.Count == 0) addresses.Add(ListenAddresses.Default);
        addresses.Add($"http://{BindingAddress.Parse(addresses.First()).Host}:{port}");
    }
}

/// <summary>The same where the server's addresses are given as <c>Kestrel:Endpoints</c>.</summary>
internal sealed class MetricsPortEndpoint(IOptions<CollabOptions> options, IConfiguration configuration)
    : IConfigureOptions<KestrelServerOptions>
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
