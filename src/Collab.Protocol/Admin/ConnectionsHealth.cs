namespace Collab.Protocol;

/// <summary>The answer to <c>GET /api/admin/websocket/health</c>: how the present connections fare together.</summary>
/// <param name="TotalConnections">How many there are.</param>
/// <param name="HealthyConnections">Those with a quality of 80 or more.</param>
/// <param name="DegradedConnections">Those from 50 to below 80.</param>
/// <param name="UnhealthyConnections">Those below 50.</param>
/// <param name="AverageQualityScore">Mean quality, 0 to 100; 100 if there is no connection.</param>
/// <param name="OverallHealth">What that mean amounts to.</param>
public sealed record ConnectionsHealth(
    int TotalConnections,
    int HealthyConnections,
    int DegradedConnections,
    int UnhealthyConnections,
    double AverageQualityScore,
    ConnectionStatus OverallHealth) : ClusterAnswer;
