using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>How a <see cref="CollabClient"/> works. Only <see cref="BaseAddress"/> is required.</summary>
public sealed class CollabClientOptions
{
    /// <summary>
    /// Where the server is, for example <c>https://collab.example.com</c>; a path is kept. Required: absolute, <c>http</c> or <c>https</c>.
    /// </summary>
    [Required]
    public Uri? BaseAddress { get; set; }

    /// <summary>
    /// Gets a token (JWT). Asked before each connect, before the old token expires, and after one was refused. It must not block; if it
    /// throws, that counts as a failed attempt. Null, the default: there are none, as where a cookie says who the user is, see
    /// <see cref="Cookies"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Who the user is where no token says it by its <c>sub</c>. What waits to be sent is kept for this user, so a client without tokens
    /// whose application lets users change needs a new client, with this set, for each. Null, the default: nobody in particular.
    /// </summary>
    public string? UserId { get; set; }

    /// <summary>In which form messages go over the WebSocket. Default: JSON.</summary>
    [EnumDataType(typeof(HubProtocol))]
    public HubProtocol Protocol { get; set; } = HubProtocol.Json;

    /// <summary>
    /// Events of a user that may wait to be sent; past it a publish fails with <see cref="QueueFullException"/>. 1 to 10,000; default 500.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxQueued { get; set; } = 500;

    /// <summary>Critical events kept in a run's snapshot, the newest. 1 to 100,000; default 1000.</summary>
    [Range(1, 100_000)]
    public int MaxEvents { get; set; } = 1000;

    /// <summary>
    /// Events held for each reader of a run that has not read them yet. A reader that falls further behind gets the rest from the snapshot
    /// or from the server, which keeps the newest 1000 by default. 1 to 100,000; default 1000.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxUnread { get; set; } = 1000;

    /// <summary>Failed attempts in a row before polling. 1 to 1000; default 5.</summary>
    [Range(1, 1000)]
    public int FallbackAfter { get; set; } = 5;

    /// <summary>Time between polls. 100 ms to an hour; default 2 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between pings. 1 s to 10 minutes; default 10 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The wait before the next attempt, which comes after so many failed ones (at least 1). Null: anything from 0 up to a bound that
    /// doubles from 0.5 s to 15 s.
    /// </summary>
    public Func<int, TimeSpan>? Backoff { get; set; }

    /// <summary>
    /// A folder in which events that wait to be sent are kept, so that they outlive the process; made if it is missing. Several processes
    /// can share it, and one sends what another of the same user and run left behind. Null, the default: they are kept in memory only.
    /// </summary>
    public string? QueueFolder { get; set; }

    /// <summary>
    /// Cookies that go with each request and WebSocket; what the server sets is kept there. Null, the default: none. In a browser leave it
    /// null: its own cookies are sent to the same site.
    /// </summary>
    public CookieContainer? Cookies { get; set; }

    /// <summary>
    /// The keys with which the server signs events, each <c>id:secret</c> (<c>Collab:Signing:Key</c>): each event is checked as it is
    /// applied, and <see cref="RunSnapshot.Wrong"/> names the first that is not as it was signed. Who has a key can sign: no key for a
    /// program that others have. Default: none.
    /// </summary>
    public IList<string> SigningKeys { get; } = [];

    /// <summary>
    /// Signs what is published, where the server wants that (<c>Collab:Signing:Clients</c>). Null, the default: nothing is signed.
    /// </summary>
    public PublishSigner? PublishSigner { get; set; }

    /// <summary>The states that the application folds itself.</summary>
    internal List<OwnState> States { get; } = [];

    /// <summary>Changes each WebSocket before it connects: a proxy, certificates. Default: nothing.</summary>
    public Action<ClientWebSocketOptions>? ConfigureWebSocket { get; set; }

    /// <summary>
    /// Adds the rule of a state that the server's application adds under the same name (<c>AddState</c>): with each event the client does
    /// what the server does, and <c>Snapshot.State.Get&lt;TState&gt;(name)</c> is the server's state. A state without a rule is in no live
    /// state; it is in <see cref="CollabClient.GetStateAsync"/>.
    /// </summary>
    /// <typeparam name="TState">What it is; begins as a new one. Written as JSON as the server's.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="fold">The state after one more event; pure. Where it throws, the state stays as it was, and that is logged.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">No name for a state, or one that is taken.</exception>
    [RequiresUnreferencedCode("Reads the type by reflection. Where code is trimmed, use the overload that takes a JsonTypeInfo.")]
    [RequiresDynamicCode("Reads the type by reflection. Where code is compiled ahead, use the overload that takes a JsonTypeInfo.")]
    public CollabClientOptions AddState<TState>(
        string name, Func<TState, CollaborationEvent, TState> fold)
        where TState : new() => AddState(name, new TState(), fold, (JsonTypeInfo<TState>)OwnStateJson.Options.GetTypeInfo(typeof(TState)));

    /// <summary>As <see cref="AddState{TState}(string, Func{TState, CollaborationEvent, TState})"/>, without reflection.</summary>
    /// <typeparam name="TState">What it is. Written as JSON as the server's.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="initial">The state of a run without events.</param>
    /// <param name="fold">The state after one more event; pure.</param>
    /// <param name="json">How it is read and written.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">No name for a state, or one that is taken.</exception>
    public CollabClientOptions AddState<TState>(
        string name, TState initial, Func<TState, CollaborationEvent, TState> fold, JsonTypeInfo<TState> json)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(json);
        if (StateShape.Check([name, .. States.Select(state => state.Name)]).FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(name));
        States.Add(OwnState.Of(name, initial, fold, json));
        return this;
    }

    internal StateShape Shape(ILogger logger)
    {
        if (States.Count == 0) return StateShape.Followed;
        foreach (var state in States) state.Failed = (name, failure) => logger.StateFailed(failure, name);
        return new(LatestBy: null, States);
    }
}
