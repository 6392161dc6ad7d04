using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>What a client takes from its surroundings. Tests bring their own.</summary>
internal sealed class Surroundings
{
    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required ClientMetrics Metrics { get; init; }

    public required Func<HttpClient> Http { get; init; }

    /// <summary>Makes the hub connections of an address, which names this client.</summary>
    public required Func<Uri, HubFactory> Hub { get; init; }

    public required INetwork Network { get; init; }

    /// <summary>Runs an action soon, on another thread than this.</summary>
    public Action<Action> Outside { get; init; } =
        action => ThreadPool.UnsafeQueueUserWorkItem(static action => action(), action, preferLocal: false);

    /// <summary>0 up to 1.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
