using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>Without a configured key anybody could make a token, so the server then starts in Development and on loopback only.</summary>
internal sealed class UnprotectedStartRule(IHostEnvironment environment, IConfiguration configuration) : IValidateOptions<CollabOptions>
{
    private const string SetAKey = "Collab:Auth:Authority or Collab:Auth:SigningKey: one must be set";

    public ValidateOptionsResult Validate(string? name, CollabOptions options)
    {
        if (HasKey(options)) return ValidateOptionsResult.Success;
        if (!environment.IsDevelopment()) return ValidateOptionsResult.Fail($"{SetAKey}. Only the Development environment starts without, on loopback.");
        return Addresses().FirstOrDefault(a => !IsLoopback(a)) is { } open
            ? ValidateOptionsResult.Fail($"{SetAKey} to listen on {open}. Without, the server listens on loopback only.")
            : ValidateOptionsResult.Success;
    }

    public static bool HasKey(CollabOptions options) => options.Auth.Authority is not null || options.Auth.SigningKey is not null;

    /// <summary>Every address that the host's configuration makes Kestrel listen on; none means the default, which is loopback.</summary>
    private IEnumerable<string> Addresses()
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0) return endpoints;
        if (configuration["urls"] is { Length: > 0 } urls) return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new[] { "http_ports", "https_ports" }
            .Select(key => configuration[key]).Where(ports => !string.IsNullOrWhiteSpace(ports)).Select(ports => $"port {ports} of every address");
    }

    public static bool IsLoopbackHost(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsLoopback(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && IsLoopbackHost(uri.Host);
}
