using Collab.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>Puts Redis or Valkey between the servers of a Collab application.</summary>
public static class CollabRedisExtensions
{
    /// <summary>
    /// Lets servers that share a PostgreSQL tell each other through Redis or Valkey what they write and who is there. The store stays the
    /// only truth: an engine that is away makes others late by a second, and loses nothing. It is not looked for at the start. Without
    /// PostgreSQL there is one server, and nothing of this is used.
    /// </summary>
    /// <param name="builder">What <c>AddCollab</c> returned.</param>
    /// <param name="configuration">
    /// Where it is, as StackExchange.Redis writes it: <c>redis:6379,password=…,ssl=true</c>. Default: <c>Collab:Bus:Redis</c>, without
    /// which the start is refused.
    /// </param>
    /// <returns>The builder.</returns>
    public static CollabBuilder UseRedis(this CollabBuilder builder, string? configuration = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (configuration is not null) builder.Configure(options => options.Bus.Redis = configuration);
        builder.Services.AddSingleton<ICollabBus, RedisBus>();
        builder.Services.AddSingleton<IValidateOptions<CollabOptions>, RedisRule>();
        return builder;
    }
}
