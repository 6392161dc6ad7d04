namespace Collab.Protocol;

/// <summary>How good a connection is, by the one formula that the server and all clients use.</summary>
public static class ConnectionQuality
{
    /// <summary>0.4 × latency score + 0.3 × reconnection score + 0.3 × delivery rate × 100.</summary>
    /// <param name="latencyMs">The round trip in milliseconds; null while none was measured, which counts as a good one.</param>
    /// <param name="reconnections">How often the client has come back, 0 or more.</param>
    /// <param name="deliveryRate">The share of messages that arrived, 0 to 1.</param>
    /// <returns>0 to 100.</returns>
    public static double Score(double? latencyMs, int reconnections, double deliveryRate) =>
        ((40 * LatencyScore(latencyMs)) + (30 * ReconnectionScore(reconnections)) + (3000 * Math.Clamp(deliveryRate, 0, 1))) / 100;

    /// <summary>What a score amounts to.</summary>
    /// <param name="score">0 to 100.</param>
    /// <returns>The status.</returns>
    public static ConnectionStatus StatusOf(double score) => score switch
    {
        >= 80 => ConnectionStatus.Healthy,
        >= 50 => ConnectionStatus.Degraded,
        _ => ConnectionStatus.Unhealthy,
    };

    private static int LatencyScore(double? milliseconds) => milliseconds switch
    {
        null or <= 50 => 100,
        <= 100 => 90,
        <= 200 => 75,
        <= 500 => 50,
        <= 1000 => 25,
        _ => 10,
    };

    private static int ReconnectionScore(int count) => count switch
    {
        <= 0 => 100,
        1 => 80,
        2 => 60,
        <= 5 => 40,
        <= 10 => 20,
        _ => 5,
    };
}
