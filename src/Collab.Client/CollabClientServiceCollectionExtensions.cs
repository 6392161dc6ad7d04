using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
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
    /// Adds a <see cref="CollabClient"/>. Its options can also be configured by <c>Configure&lt;CollabClientOptions&gt;</c>. It takes the
    /// application's <see cref="TimeProvider"/> and <see cref="IMeterFactory"/>, if there are any.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="lifetime">
    /// <see cref="ServiceLifetime.Singleton"/>, the default: one client for the application, which acts as one user; the options are
    /// checked when the application starts. <see cref="ServiceLifetime.Scoped"/>: one for each scope, where each has a user of its own, as
    /// in Blazor Server each circuit; the options are made in that scope, so what configures them may take scoped services, and are checked
    /// when the client is made.
    /// </param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is another one.</exception>
    public static IServiceCollection AddCollabClient(
        this IServiceCollection services,
        Action<CollabClientOptions>? configure = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        if (lifetime is not (ServiceLifetime.Singleton or ServiceLifetime.Scoped))
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "A client is kept: for the application, or for a scope.");
        }
        var options = services.AddOptions<CollabClientOptions>();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CollabClientOptions>, CollabClientOptionsRules>());
        // Clients of different users share its handlers: what a proxy gives one of them to keep is not for the others.
        // And it logs itself what matters: a line or four for each poll would be a flood.
        var http = services.AddHttpClient(HttpClientName).RemoveAllLoggers();
        if (!OperatingSystem.IsBrowser()) http.UseSocketsHttpHandler(KeepNoCookies);
        if (lifetime is ServiceLifetime.Singleton)
        {
            options.ValidateOnStart();
            services.TryAddSingleton(scope => Create(scope, scope.GetRequiredService<IOptions<CollabClientOptions>>().Value));
        }
        else
        {
            services.TryAddScoped(scope => Create(scope, scope.GetRequiredService<IOptionsSnapshot<CollabClientOptions>>().Value));
        }
        return services;
    }

    [UnsupportedOSPlatform("browser")]
    private static void KeepNoCookies(SocketsHttpHandler handler, IServiceProvider services) => handler.UseCookies = false;

    private static CollabClient Create(IServiceProvider services, CollabClientOptions options)
    {
        var http = services.GetRequiredService<IHttpClientFactory>();
        return new CollabClient(
            options,
            services.GetService<ILoggerFactory>(),
            services.GetService<TimeProvider>(),
            services.GetService<IMeterFactory>(),
            () => http.CreateClient(HttpClientName));
    }
}
