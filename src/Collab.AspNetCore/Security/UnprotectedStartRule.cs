using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>Without a configured key anybody could make a token, so the server then starts in Development and on loopback only.</summary>
internal sealed class UnprotectedStartRule(
    IHostEnvironment environment, IConfiguration configuration, IServiceProviderIsService? services = null)
    : IValidateOptions<CollabOptions>
{
    private const string SetAKey = "Collab:Auth:Authority or Collab:Auth:SigningKey: one must be set";

    public ValidateOptionsResult Validate(string? name, CollabOptions options)
    {
        if (HasKey(options)) return ValidateOptionsResult.Success;
        if (!environment.IsDevelopment())
            return ValidateOptionsResult.Fail($"{SetAKey}. Only the Development environment starts without, on loopback.");
        return Array.Find(ListenAddresses.Of(configuration), a => !ListenAddresses.IsLoopback(a)) is { } open
            ? ValidateOptionsResult.Fail($"{SetAKey} to listen on {open}. Without, the server listens on loopback only.")
            : CheckSigning(options.Signing.Clients);
    }

    /// <summary>Of an application's own tokens only they know whether they name a key; those for development name none.</summary>
    private ValidateOptionsResult CheckSigning(ClientSigningOptions clients) =>
        clients is { Required: true, Secret.Count: 0 } && services?.IsService(typeof(IClientKeys)) != true
            ? ValidateOptionsResult.Fail(
                "Collab:Signing:Clients:Required: no client could sign anything, for development tokens name no key. "
                + "Collab:Signing:Clients:Secret must be set.")
            : ValidateOptionsResult.Success;

    public static bool HasKey(CollabOptions options) => options.Auth.Authority is not null || options.Auth.SigningKey is not null;
}
