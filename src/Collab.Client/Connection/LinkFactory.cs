namespace Collab.Client;

/// <summary>Makes the links of a run, and what goes with them.</summary>
/// <param name="runId">The run.</param>
/// <param name="options">Say how often to poll and to ping.</param>
/// <param name="surroundings">Where connections and time come from.</param>
/// <param name="strand">The turns.</param>
/// <param name="api">Polls.</param>
/// <param name="signing">Signs what is published.</param>
/// <param name="view">Where the client stands.</param>
/// <param name="health">Told round trips and losses.</param>
/// <param name="flight">Told that the server was heard; it knows what this client is called.</param>
internal sealed class LinkFactory(
    Guid runId, CollabClientOptions options, Surroundings surroundings, Strand strand, HttpApi api, PublishSigning signing, RunView view,
    HealthMeter health, FlightRecorder flight)
{
    /// <summary>The run is for a proxy that sends all that is about a run to one server.</summary>
    private readonly string _hub =
        $"{options.BaseAddress!.AbsoluteUri.TrimEnd('/')}/hubs/collaboration?run={runId}&fingerprints=true&presence=full"
        + $"&clientId={flight.Flight.TraceId}";

    public HubLink NewHub(IHubLinkOwner owner) => new(
        runId,
        strand,
        surroundings.Time,
        Jitter.Half(surroundings.Random),
        reconnects => surroundings.Hub(new Uri($"{_hub}&reconnects={reconnects}")),
        signing,
        owner);

    public HttpLink NewHttp(IHttpLinkOwner owner) =>
        new(runId, api, signing, options.PollInterval, strand, surroundings.Time, owner);

    /// <inheritdoc cref="Heartbeat" />
    public Heartbeat NewHeartbeat(HubLink link, Action<DateTimeOffset?> beaten) =>
        new(link, options.PingInterval, view, health, flight, strand, surroundings.Time, beaten);

    /// <inheritdoc cref="Renewal" />
    public Renewal NewRenewal(TokenSource tokens, Action<string?> renew, Action<Exception> failed) =>
        new(tokens, strand, surroundings.Time, renew, failed);
}
