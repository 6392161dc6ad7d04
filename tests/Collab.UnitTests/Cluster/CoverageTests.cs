using Collab.AspNetCore.Cluster;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>What is said of the bus: a connection that carries nothing is no bus.</summary>
public sealed class CoverageTests
{
    private readonly ManualTime _time = new();
    private readonly Members _members;
    private readonly Coverage _coverage;

    public CoverageTests()
    {
        _members = new(_time);
        _coverage = new(_members, _time);
    }

    [Fact]
    public async Task A_bus_that_carries_nothing_is_degraded_and_healthy_as_soon_as_it_does()
    {
        Assert.Contains("is away", (await CheckAsync()).Description, StringComparison.Ordinal);

        _coverage.Connected();
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync()).Status);
        Assert.Contains("carries nothing", (await CheckAsync()).Description, StringComparison.Ordinal);

        _members.Echoed();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

        // As a frozen one does: the connection stays.
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync()).Status);
        _members.Echoed();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

        _coverage.Disconnected();
        Assert.Contains("is away", (await CheckAsync()).Description, StringComparison.Ordinal);
    }

    private Task<HealthCheckResult> CheckAsync() =>
        new BusHealthCheck(new LossyNetwork(seed: 1, _time).NewBus(), _coverage).CheckHealthAsync(new());
}
