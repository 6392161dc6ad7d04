using Collab.Protocol;
using Xunit;

namespace Collab.UnitTests.Protocol;

/// <summary>The formula of the contract, at each of its bounds.</summary>
public sealed class ConnectionQualityTests
{
    [Theory]
    [InlineData(null, 100)]
    [InlineData(0.0, 100)]
    [InlineData(50.0, 100)]
    [InlineData(50.1, 96)]
    [InlineData(100.0, 96)]
    [InlineData(100.1, 90)]
    [InlineData(200.0, 90)]
    [InlineData(200.1, 80)]
    [InlineData(500.0, 80)]
    [InlineData(500.1, 70)]
    [InlineData(1000.0, 70)]
    [InlineData(1000.1, 64)]
    [InlineData(1e9, 64)]
    public void Latency_counts_for_two_fifths(double? latencyMs, double score) => Assert.Equal(score, ConnectionQuality.Score(latencyMs, 0, 1));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 94)]
    [InlineData(2, 88)]
    [InlineData(3, 82)]
    [InlineData(5, 82)]
    [InlineData(6, 76)]
    [InlineData(10, 76)]
    [InlineData(11, 71.5)]
    [InlineData(int.MaxValue, 71.5)]
    public void Reconnections_count_for_three_tenths(int count, double score) => Assert.Equal(score, ConnectionQuality.Score(0, count, 1));

    [Theory]
    [InlineData(1.0, 100)]
    [InlineData(0.5, 85)]
    [InlineData(0.0, 70)]
    [InlineData(1.5, 100)]
    [InlineData(-1.0, 70)]
    public void Delivery_counts_for_three_tenths(double rate, double score) => Assert.Equal(score, ConnectionQuality.Score(0, 0, rate));

    [Theory]
    [InlineData(100, ConnectionStatus.Healthy)]
    [InlineData(80, ConnectionStatus.Healthy)]
    [InlineData(79.99, ConnectionStatus.Degraded)]
    [InlineData(50, ConnectionStatus.Degraded)]
    [InlineData(49.99, ConnectionStatus.Unhealthy)]
    [InlineData(0, ConnectionStatus.Unhealthy)]
    public void Status_follows_from_the_score(double score, ConnectionStatus status) => Assert.Equal(status, ConnectionQuality.StatusOf(score));

    [Fact]
    public void A_latency_on_the_bound_is_healthy_still() =>
        Assert.Equal(ConnectionStatus.Healthy, ConnectionQuality.StatusOf(ConnectionQuality.Score(500, 0, 1)));
}
