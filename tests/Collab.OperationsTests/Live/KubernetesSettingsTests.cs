using System.Globalization;
using System.Net;
using Collab.TestKit;
using Xunit;
using static Collab.OperationsTests.KubernetesManifests;

namespace Collab.OperationsTests.Live;

/// <summary>The server, which refuses keys that it does not know, starts with the manifests' settings and answers their probes.</summary>
public sealed class KubernetesSettingsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task The_server_takes_its_settings_and_answers_its_probes()
    {
        await using var redis = await RedisServer.StartAsync();
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var settings = EnvironmentOf(ServerContainer).ToDictionary(e => e.Key.Replace("__", ":", StringComparison.Ordinal), e => e.Value);
        Assert.Equal(PortOf(ServerContainer, "metrics"), settings["Collab:Metrics:Port"]);
        foreach (var (key, value) in new Dictionary<string, string?>
        {
            // What the secrets hold, and what there is one of on this machine.
            ["ConnectionStrings:Collab"] = await postgres.CreateDatabaseAsync(),
            ["Collab:Bus:Redis"] = redis.Configuration,
            ["Collab:Bus:Key"] = "a key for the tests of the bus",
            ["Collab:Metrics:Port"] = port,
            // What the job does.
            ["Collab:Store:MigrateOnStart"] = "true",
            // The test kit's default, which the manifests do without.
            ["Collab:Auth:SigningKey"] = null,
        })
        {
            settings[key] = value;
        }

        await using var server = await ServerProcess.StartAsync(new() { Configuration = settings });

        using var api = new ApiClient(server.BaseAddress, token: null);
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
        {
            var get = ServerContainer.GetProperty(probe).GetProperty("httpGet");
            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(get.Text("path")!.TrimStart('/'))).Status);
            // The port on which the image listens.
            var listens = $"ASPNETCORE_HTTP_PORTS={PortOf(ServerContainer, get.Text("port")!)} ";
            Assert.Contains(listens, OperationsFiles.Read("infra/docker/Dockerfile"), StringComparison.Ordinal);
        }
        using var metrics = new ApiClient(new Uri($"http://127.0.0.1:{port}"), token: null);
        Assert.Equal(HttpStatusCode.OK, (await metrics.GetAsync("metrics")).Status);
    }
}
