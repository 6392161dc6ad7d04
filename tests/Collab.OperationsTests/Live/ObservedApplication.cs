using Collab.OperationsTests.Prometheus;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>
/// An application with a handler, on a store that servers share, and the Prometheus that scrapes it. What the handler writes to is not there, so it
/// fails.
/// </summary>
public sealed class ObservedApplication : IAsyncLifetime
{
    private PrivatePostgres? _postgres;
    private ServerProcess? _server;
    private PrometheusServer? _prometheus;

    internal PrometheusServer Prometheus => _prometheus ?? throw new InvalidOperationException("Not started.");

    public async Task InitializeAsync()
    {
        _postgres = await PostgresServer.StartPrivateAsync();
        var settings = ServerSettings.ForPostgres(await _postgres.CreateDatabaseAsync()) with { Project = "tests/Collab.HandlerHost" };
        _server = await ServerProcess.StartAsync(settings);
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
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    private Task SeeFailuresAsync(int atLeast) =>
        Eventually.TrueAsync(async () => await Prometheus.ValueAsync("sum(collab_handler_failures_total)") >= atLeast);
}
