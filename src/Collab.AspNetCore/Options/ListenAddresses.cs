using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Collab.AspNetCore;

/// <summary>
/// Where the host's configuration makes the server listen, as Kestrel reads it: <c>Kestrel:Endpoints</c> before <c>urls</c> before ports.
/// </summary>
internal static class ListenAddresses
{
    /// <summary>Where Kestrel listens if nothing is configured.</summary>
    public const string Default = "http://localhost:5000";

    /// <summary>Whether the addresses are given as <c>Kestrel:Endpoints</c>, beside which no others count.</summary>
    public static bool AreEndpoints(IConfiguration configuration) => Endpoints(configuration).Length > 0;

    /// <summary>The configured addresses, or the default one.</summary>
    public static string[] Of(IConfiguration configuration)
    {
        if (Endpoints(configuration) is { Length: > 0 } endpoints) return endpoints;
        if (Split(configuration["urls"]) is { Length: > 0 } urls) return urls;
        string[] ports =
        [
            .. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"),
            .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}"),
        ];
        return ports.Length > 0 ? ports : [Default];
    }

    public static bool IsLoopback(string address) => TryParse(address) is { } binding && IsLoopbackHost(binding.Host);

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>The port of an address; null if it is not one that Kestrel understands.</summary>
    public static int? PortOf(string address) => TryParse(address)?.Port;

    private static BindingAddress? TryParse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string[] Endpoints(IConfiguration configuration) =>
        [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
