using System.Net;
using Collab.AspNetCore;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Collab.Redis;

/// <summary>An engine that strangers could write to is none: they could show clients events that never were.</summary>
internal sealed class RedisRule : IValidateOptions<CollabOptions>
{
    private const string Key = "Collab:Bus:Redis";

    public ValidateOptionsResult Validate(string? name, CollabOptions options)
    {
        if (options.Bus.Redis is not { Length: > 0 } text)
            return ValidateOptionsResult.Fail($"{Key}: must be set where UseRedis() is called.");
        if (Parse(text) is not { } redis || redis.EndPoints.Count == 0)
            return ValidateOptionsResult.Fail($"{Key}: is no configuration of StackExchange.Redis such as redis:6379,ssl=true.");
        var isSafe = options.Bus.AllowInsecure || redis.EndPoints.All(IsLoopback) || (redis.Ssl && !string.IsNullOrEmpty(redis.Password));
        return isSafe
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{Key}: an engine beyond this machine needs ssl=true and a password, for who can write to it can show clients events that "
                + "never were. Collab:Bus:AllowInsecure=true accepts it as it is.");
    }

    /// <summary>Null: it is none. What is wrong with it is not passed on: there may be a password in it.</summary>
    public static ConfigurationOptions? Parse(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsLoopback(EndPoint place) => place switch
    {
        IPEndPoint { Address: var address } => IPAddress.IsLoopback(address),
        DnsEndPoint { Host: var host } => string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase),
        // A socket of this machine's.
        _ => true,
    };
}
