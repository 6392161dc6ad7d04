using Collab.Protocol;

namespace Collab.Client;

/// <summary>How good a run's connection is.</summary>
/// <param name="LatencyMs">The median of the last five round trips, in milliseconds; null before the first.</param>
/// <param name="ReconnectionCount">How often the live connection was made again.</param>
/// <param name="MessageDeliveryRate">
/// Critical events that came as they should, divided by those plus the ones that were found missing and had to be fetched; 0 to 1.
/// </param>
/// <param name="QualityScore">0 to 100, see <see cref="ConnectionQuality"/>.</param>
/// <param name="Status">What the score amounts to.</param>
/// <param name="IsHealthy">Connected, and <see cref="ConnectionStatus.Healthy"/>.</param>
public sealed record RunHealth(
    double? LatencyMs,
    int ReconnectionCount,
    double MessageDeliveryRate,
    double QualityScore,
    ConnectionStatus Status,
    bool IsHealthy)
{
    /// <summary>
    /// How often the state was not what the server says it comes to after the same event. It was taken from the server again then, three
    /// times in a row at most. 0 is as it should be.
    /// </summary>
    public int FingerprintMismatches { get; init; }
}
