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
    private const string DefaultAddress = "http://localhost:5000";

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

    private static bool IsForMetrics(HttpContext http) => http.Request.Path.StartsWithSegments(CollabPaths.Metrics, StringComparison.Ordinal);

    private void Listen(ICollection<string> addresses, int port)
    {
        // Kestrel would then disregard the configured endpoints; MetricsPortEndpoint adds one to them.
        if (MetricsPortEndpoint.IsNeeded(configuration)) return;
        if (addresses.Count == 0) addresses.Add(DefaultAddress);
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
    public static bool IsNeeded(IConfiguration configuration) => configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    public void Configure(KestrelServerOptions kestrel)
    {
        if (options.Value.Metrics.Port is not { } port || !IsNeeded(configuration)) return;
        var url = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().FirstOrDefault();
        var host = url is null ? "*" : BindingAddress.Parse(url).Host;
        if (host == "localhost") kestrel.ListenLocalhost(port);
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address)) kestrel.Listen(address, port);
        else kestrel.ListenAnyIP(port);
    }
}

/// <summary>A port of its own must not be the server's.</summary>
internal sealed class MetricsPortRule(IConfiguration configuration) : IValidateOptions<CollabOptions>
{
    public ValidateOptionsResult Validate(string? name, CollabOptions options) =>
        options.Metrics.Port is { } port && Addresses().Any(a => a.TrimEnd('/').EndsWith($":{port}", StringComparison.Ordinal))
            ? ValidateOptionsResult.Fail($"Collab:Metrics:Port: {port} is a port that the server itself listens on.")
            : ValidateOptionsResult.Success;

    private IEnumerable<string> Addresses() => configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"])
        .Concat(Split("urls")).Concat(Split("http_ports").Concat(Split("https_ports")).Select(port => $":{port}")).OfType<string>();

    private string[] Split(string key) => (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
