using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Handlers;
using Collab.AspNetCore.Security;
using Collab.Protocol;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>
/// Completes what <see cref="CollabServiceCollectionExtensions.AddCollab"/> began. What is said here wins over the configuration.
/// </summary>
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
    /// Adds a type of event that is stored, numbered and never lost, and whose data is a <typeparamref name="T"/>. What clients publish
    /// under its name must be readable as one and meet its DataAnnotations, else it is refused as <c>invalid_event</c> with the JSON path;
    /// it is kept as it came, further fields too.
    /// </summary>
    /// <typeparam name="T">The type of its data; of this type of event alone.</typeparam>
    /// <param name="name">Its name on the wire: the letters A–Z, digits and _, at most 64. A name that is taken stops the start.</param>
    /// <param name="configure">More about it.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="NotSupportedException">No JSON can become a <typeparamref name="T"/>.</exception>
    public CollabBuilder AddEvent<T>(string name, Action<TypedEventOptions<T>>? configure = null)
        where T : notnull => Add(name, isCritical: true, configure);

    /// <summary>
    /// Adds a type of event that matters only now: checked as by <see cref="AddEvent{T}"/>, not stored, and without a number.
    /// </summary>
    /// <typeparam name="T">The type of its data; of this type of event alone.</typeparam>
    /// <param name="name">Its name on the wire: the letters A–Z, digits and _, at most 64. A name that is taken stops the start.</param>
    /// <param name="configure">More about it.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="NotSupportedException">No JSON can become a <typeparamref name="T"/>.</exception>
    public CollabBuilder AddEphemeralEvent<T>(string name, Action<TypedEventOptions<T>>? configure = null)
        where T : notnull => Add(name, isCritical: false, configure);

    /// <summary>
    /// Lets the application act on what happens in runs: each event that the handler is for reaches it at least once, in the order of its
    /// run, on one server at a time, across crashes and restarts. A handler that is not as it must be stops the start.
    /// </summary>
    /// <typeparam name="T">
    /// The handler, an <see cref="IEventHandler{T}"/> or <see cref="IRunHandler"/>; a scoped service, of which each event gets an instance.
    /// </typeparam>
    /// <param name="name">
    /// Its name, 1 to 128 characters, under which its positions are kept: another name begins at the beginning. Default: the type's name.
    /// </param>
    /// <param name="configure">More about it.</param>
    /// <returns>This builder.</returns>
    public CollabBuilder AddHandler<T>(string? name = null, Action<HandlerOptions>? configure = null)
        where T : class
    {
        var options = new HandlerOptions();
        configure?.Invoke(options);
        if (!Services.Any(s => s.ServiceType == typeof(HandlerEngine))) AddHandlers();
        Services.TryAddScoped<T>();
        Services.AddSingleton(new HandlerRegistration(name ?? typeof(T).Name, typeof(T), options));
        return this;
    }

    /// <summary>
    /// Authenticates callers of Collab's endpoints by JWT as section <c>Collab:Auth</c> says, in a scheme of its own
    /// (<see cref="AuthenticationScheme"/>): the application's default scheme stays what it is. An application whose own authentication is
    /// to count for Collab too leaves this out. With neither an authority nor a key the application starts in Development and on loopback
    /// only, and then hands out tokens at <c>/dev/token</c>.
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

    /// <summary>
    /// Adds a state of the application's own: what all critical events of a run add up to by its rule, under its name in every
    /// <c>state</c>, beside what is built in. It covers all events since the first, however many are trimmed, as of any moment, and
    /// outlives restarts: as JSON it is stored with the run. A state that is added to runs which have been trimmed before begins with the
    /// events that are still kept.
    /// </summary>
    /// <typeparam name="TState">
    /// What it is; must be the same after it was written as JSON and read again. It begins as a new one.
    /// </typeparam>
    /// <param name="name">Its name: letters and digits, begins with a small letter, at most 64. A name that is taken stops the
    /// start.</param>
    /// <param name="fold">
    /// The state after one more event. Pure: it changes nothing, and answers the same for the same; the state that it is given must stay as
    /// it is, and is given back where an event means nothing to it. It runs wherever the run is read, with locks held: no waiting in it.
    /// Where it throws, the state stays.
    /// </param>
    /// <returns>This builder.</returns>
    public CollabBuilder AddState<TState>(string name, Func<TState, CollaborationEvent, TState> fold)
        where TState : new() => AddState(name, new TState(), fold);

    /// <summary>
    /// As <see cref="AddState{TState}(string, Func{TState, CollaborationEvent, TState})"/>, for a state that does not begin as a new one.
    /// </summary>
    /// <typeparam name="TState">What it is; must be the same after it was written as JSON and read again.</typeparam>
    /// <param name="name">Its name: letters and digits, begins with a small letter, at most 64. A name that is taken stops the
    /// start.</param>
    /// <param name="initial">The state of a run without events.</param>
    /// <param name="fold">The state after one more event; pure.</param>
    /// <param name="json">How it is written as JSON and read again. Default: by reflection, in camelCase.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="NotSupportedException">The initial state cannot be written as JSON.</exception>
    public CollabBuilder AddState<TState>(
        string name, TState initial, Func<TState, CollaborationEvent, TState> fold, JsonTypeInfo<TState>? json = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(fold);
        Services.AddSingleton(
            OwnState.Of(name, initial, fold, json ?? (JsonTypeInfo<TState>)OwnStateJson.Options.GetTypeInfo(typeof(TState))));
        return this;
    }

    /// <summary>
    /// Asks the application before each publish by a client, over the hub or HTTP: it may refuse it, or change its data. Guards are asked
    /// in the order in which they are added; each sees what those before it have made of the data. The events that one connection sends to
    /// a run keep their order.
    /// </summary>
    /// <typeparam name="T">The guard; a singleton.</typeparam>
    /// <returns>This builder.</returns>
    public CollabBuilder AddGuard<T>()
        where T : class, IPublishGuard
    {
        Services.AddSingleton<IPublishGuard, T>();
        return this;
    }

    /// <summary>
    /// Verifies what users' clients sign (<c>Collab:Signing:Clients</c>) with keys of the application's own, in place of secrets that are
    /// made of <c>Collab:Signing:Clients:Secret</c>. A signature that comes must be right then, required or not.
    /// </summary>
    /// <typeparam name="T">What knows the keys; a singleton.</typeparam>
    /// <returns>This builder.</returns>
    public CollabBuilder UseClientKeys<T>()
        where T : class, IClientKeys
    {
        Services.AddSingleton<IClientKeys, T>();
        return this;
    }

    /// <summary>Without a handler there is nothing of this, and it costs nothing.</summary>
    private void AddHandlers()
    {
        Services.AddSingleton<HandlerTable>();
        Services.AddSingleton<HandlerLease>();
        Services.AddSingleton<HandlerRunner>();
        Services.AddSingleton<HandlerEngine>();
        Services.AddSingleton<ICommitSink>(s => s.GetRequiredService<HandlerEngine>());
        Services.AddHostedService(s => s.GetRequiredService<HandlerEngine>());
    }

    private CollabBuilder Add<T>(string name, bool isCritical, Action<TypedEventOptions<T>>? configure)
    {
        ArgumentNullException.ThrowIfNull(name);
        var options = new TypedEventOptions<T>();
        configure?.Invoke(options);
        var data = TypedData.Of(options.Json);
        Services.AddSingleton(
            new EventType(name, isCritical, EventSender.Writer, options.Check ?? data.Check) { Data = data, LatestBy = options.LatestBy });
        return this;
    }
}
