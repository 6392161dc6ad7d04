using System.Diagnostics.Metrics;
using Collab.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client to an application.</summary>
public static class CollabClientServiceCollectionExtensions
{
    /// <summary>The name of the <see cref="HttpClient"/> that polls and publishes in the place of a WebSocket.</summary>
    public const string HttpClientName = "Collab";

    /// <summary>
    /// Adds a <see cref="CollabClient"/>, one for the application. Its options can also be configured by <c>Configure&lt;CollabClientOptions&gt;</c>, and are checked
    /// when the application starts. It takes the application's <see cref="TimeProvider"/> and <see cref="IMeterFactory"/>, if there are any.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCollabClient(this IServiceCollection services, Action<CollabClientOptions>? configure = null)
    {
        var options = services.AddOptionsWithValidateOnStart<CollabClientOptions>();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CollabClientOptions>, CollabClientOptionsRules>());
        services.AddHttpClient(HttpClientName);
        services.TryAddSingleton(Create);
        return services;
    }

    private static CollabClient Create(IServiceProvider services)
    {
        var http = services.GetRequiredService<IHttpClientFactory>();
        return new CollabClient(
            services.GetRequiredService<IOptions<CollabClientOptions>>().Value,
            services.GetService<ILoggerFactory>(),
            services.GetService<TimeProvider>(),
            services.GetService<IMeterFactory>(),
            () => http.CreateClient(HttpClientName));
    }
}
