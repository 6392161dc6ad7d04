using System.Globalization;

namespace Collab.Cli.Load;

/// <summary>What a load has found.</summary>
internal sealed record LoadReport
{
    public required int Runs { get; init; }

    public required int Clients { get; init; }

    /// <summary>How long was published.</summary>
    public required double Seconds { get; init; }

    public required int PayloadBytes { get; init; }

    /// <summary>Events a second that were to be published.</summary>
    public required double WantedPerSecond { get; init; }

    public required long Published { get; init; }

    public required long Acknowledged { get; init; }

    /// <summary>Events of the load that clients received, each counted once per client.</summary>
    public required long Delivered { get; init; }

    /// <summary>What <see cref="Delivered"/> has to be at least: each acknowledged event, to each client of its run.</summary>
    public required long ExpectedDeliveries { get; init; }

    /// <summary>From a publish to its acknowledgement, repeats included.</summary>
    public required LatencyReport AcknowledgedMs { get; init; }

    /// <summary>From a publish to its delivery to each client.</summary>
    public required LatencyReport DeliveredMs { get; init; }

    /// <summary>How often the server's rate limit held a publish back.</summary>
    public required long RateLimitedRetries { get; init; }

    /// <summary>Publishes that were not accepted, by code.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    /// <summary>Clients that polled at the end.</summary>
    public required int Polling { get; init; }

    public required int Reconnections { get; init; }

    /// <summary>Acknowledged events that did not reach a client in time.</summary>
    public required long Missing { get; init; }

    /// <summary>Events that reached a client more than once.</summary>
    public required long Repeated { get; init; }

    /// <summary>Events that reached a client out of their order.</summary>
    public required long OutOfOrder { get; init; }

    /// <summary>Whether each client got each event once and in order.</summary>
    public bool IsWhole => Missing + Repeated + OutOfOrder == 0;

    /// <summary>What the tool ends with.</summary>
    public int ToExitCode()
    {
        if (!IsWhole) return ExitCode.Broken;
        return Acknowledged == 0 && Published > 0 ? ExitCode.Refused : ExitCode.Done;
    }
}

/// <summary>How long something took, in milliseconds; null if it never happened.</summary>
internal sealed record LatencyReport(double? P50, double? P99)
{
    /// <summary>Of what was counted since then; null: since the beginning.</summary>
    public static LatencyReport Of(Latencies latencies, long[]? since = null)
    {
        var times = latencies.Since(since);
        return new(times.At(0.5), times.At(0.99));
    }

    /// <summary>In words; empty if it never happened.</summary>
    public override string ToString() =>
        P50 is { } median ? string.Create(CultureInfo.InvariantCulture, $"p50 {median:0.0} ms, p99 {P99:0.0} ms") : "";
}
