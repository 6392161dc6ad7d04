using Collab.OperationsTests.Prometheus;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>An application with a handler, and the Prometheus that scrapes it. What the handler writes to is not there, so it fails.</summary>
public sealed class ObservedApplication : IAsyncLifetime
{
    private ServerProcess? _server;
    private PrometheusServer? _prometheus;

    internal PrometheusServer Prometheus => _prometheus ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(new() { Project = "tests/Collab.HandlerHost" });
        _prometheus = await PrometheusServer.StartAsync(_server.BaseAddress);
        await SeeFailuresAsync(0);
        using var api = new ApiClient(_server.BaseAddress, TestTokens.Create("alice"));
        await api.PublishAsync(Guid.NewGuid(), EventTypes.Graft, new { after = "PM", agentName = "scanner" });
        await SeeFailuresAsync(1);
    }

    public async Task DisposeAsync()
    {
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    private Task SeeFailuresAsync(int atLeast) =>
        Eventually.TrueAsync(async () => await Prometheus.ValueAsync("sum(collab_handler_failures_total)") >= atLeast);
}
