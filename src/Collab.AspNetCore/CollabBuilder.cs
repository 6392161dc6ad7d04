using Collab.AspNetCore.Events;
using Collab.AspNetCore.Security;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>Completes what <see cref="CollabServiceCollectionExtensions.AddCollab"/> began. What is said here wins over the configuration.</summary>
public sealed class CollabBuilder
{
    /// <summary>The name of the authentication scheme that <see cref="UseJwtBearer"/> adds.</summary>
    public const string AuthenticationScheme = "Collab";

    internal CollabBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps events in a SQLite file: one server, nothing to install.</summary>
    /// <param name="path">The file; its folder is made if it is missing.</param>
    /// <returns>This builder.</returns>
    public CollabBuilder UseSqlite(string path = "data/collab.db") =>
        Configure(options => (options.Store.Provider, options.Store.Path) = (StoreProvider.Sqlite, path));

    /// <summary>Keeps events in PostgreSQL, which any number of servers may share.</summary>
    /// <param name="connectionString">An Npgsql connection string.</param>
    /// <returns>This builder.</returns>
    public CollabBuilder UsePostgres(string connectionString) =>
        Configure(options => (options.Store.Provider, options.Store.ConnectionString) = (StoreProvider.Postgres, connectionString));

    /// <summary>Changes any option in code.</summary>
    /// <param name="configure">Runs after the configuration was read and before it is validated.</param>
    /// <returns>This builder.</returns>
    public CollabBuilder Configure(Action<CollabOptions> configure)
    {
        Services.PostConfigure(configure);
        return this;
    }

    /// <summary>Decides about runs by the application's own rule instead of the claim <c>run_access</c>.</summary>
    /// <typeparam name="T">The rule; a scoped service, of which each question gets an instance.</typeparam>
    /// <returns>This builder.</returns>
    public CollabBuilder AuthorizeRunsWith<T>()
        where T : class, IRunAuthorizer
    {
        Services.AddScoped<IRunAuthorizer, T>();
        return this;
    }

    /// <summary>
    /// Adds a type of event that is stored, numbered and never lost, and whose data is a <typeparamref name="T"/>. What clients publish under its name must be
    /// readable as one and meet its DataAnnotations, else it is refused as <c>invalid_event</c> with the JSON path; it is kept as it came, further fields too.
    /// </summary>
    /// <typeparam name="T">The type of its data; of this type of event alone.</typeparam>
    /// <param name="name">Its name on the wire: the letters A–Z, digits and _, at most 64. A name that is taken stops the start.</param>
    /// <param name="configure">More about it.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="NotSupportedException">No JSON can become a <typeparamref name="T"/>.</exception>
    public CollabBuilder AddEvent<T>(string name, Action<TypedEventOptions<T>>? configure = null)
        where T : notnull => Add(name, isCritical: true, configure);

    /// <summary>Adds a type of event that matters only now: checked as by <see cref="AddEvent{T}"/>, not stored, and without a number.</summary>
    /// <typeparam name="T">The type of its data; of this type of event alone.</typeparam>
    /// <param name="name">Its name on the wire: the letters A–Z, digits and _, at most 64. A name that is taken stops the start.</param>
    /// <param name="configure">More about it.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="NotSupportedException">No JSON can become a <typeparamref name="T"/>.</exception>
    public CollabBuilder AddEphemeralEvent<T>(string name, Action<TypedEventOptions<T>>? configure = null)
        where T : notnull => Add(name, isCritical: false, configure);

    /// <summary>
    /// Authenticates callers of Collab's endpoints by JWT as section <c>Collab:Auth</c> says, in a scheme of its own (<see cref="AuthenticationScheme"/>): the
    /// application's default scheme stays what it is. An application whose own authentication is to count for Collab too leaves this out. With neither
    /// an authority nor a key the application starts in Development and on loopback only, and then hands out tokens at <c>/dev/token</c>.
    /// </summary>
    /// <returns>This builder.</returns>
    public CollabBuilder UseJwtBearer()
    {
        Services.AddAuthentication().AddJwtBearer(AuthenticationScheme, displayName: null, _ => { });
        Services.AddSingleton<DevelopmentKey>();
        Services.AddSingleton<CheckedTokens>();
        Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, JwtBearerSetup>();
        Services.AddSingleton<IValidateOptions<CollabOptions>, UnprotectedStartRule>();
        return this;
    }

    private CollabBuilder Add<T>(string name, bool isCritical, Action<TypedEventOptions<T>>? configure)
    {
        ArgumentNullException.ThrowIfNull(name);
        var options = new TypedEventOptions<T>();
        configure?.Invoke(options);
        var data = TypedData.Of(options.Json);
        Services.AddSingleton(new EventType(name, isCritical, EventSender.Writer, options.Check ?? data.Check) { Data = data });
        return this;
    }
}
