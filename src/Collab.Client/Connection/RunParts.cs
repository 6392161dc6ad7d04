using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>What the parts of one run connection work with, and on.</summary>
internal sealed class RunParts
{
    public required Guid RunId { get; init; }

    public required CollabClientOptions Options { get; init; }

    public required Strand Strand { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required ClientMetrics Metrics { get; init; }

    public required INetwork Network { get; init; }

    public required HubFactory ConnectHub { get; init; }

    public required Func<int, TimeSpan> Backoff { get; init; }

    /// <summary>The wait after the n-th time in a row that the server had no time for something.</summary>
    public required Func<int, TimeSpan> Pause { get; init; }

    public required TokenSource Tokens { get; init; }

    public required HttpApi Api { get; init; }

    public required RunView View { get; init; }

    public required HealthMeter Health { get; init; }

    public required Outbox Outbox { get; init; }

    public required CursorMoves CursorMoves { get; init; }

    /// <summary>Something that applications see has changed.</summary>
    public required Action Changed { get; init; }

    public Alarm NewAlarm(Action action) => new(Strand, Time, action);
}
