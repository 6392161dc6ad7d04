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
        if (!environment.IsDevelopment())
            return ValidateOptionsResult.Fail($"{SetAKey}. Only the Development environment starts without, on loopback.");
        return Array.Find(ListenAddresses.Of(configuration), a => !ListenAddresses.IsLoopback(a)) is { } open
            ? ValidateOptionsResult.Fail($"{SetAKey} to listen on {open}. Without, the server listens on loopback only.")
            : ValidateOptionsResult.Success;
    }

    public static bool HasKey(CollabOptions options) => options.Auth.Authority is not null || options.Auth.SigningKey is not null;
}
