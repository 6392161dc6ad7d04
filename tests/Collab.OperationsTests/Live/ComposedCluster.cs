using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.TestKit;

namespace Collab.OperationsTests.Live;

/// <summary>
/// What <c>docker-compose.yml</c>'s profile <c>cluster</c> starts, without containers: its servers with their settings, its Redis by its
/// script, and its proxy with its configuration.
/// </summary>
internal sealed partial class ComposedCluster : IAsyncDisposable
{
    private const string RedisPassword = "anotherpassword";

    private readonly List<ServerProcess> _servers = [];
    private ChildProcess? _redis;
    private NginxCluster? _proxy;

    private ComposedCluster()
    {
    }

    public IReadOnlyList<ServerProcess> Servers => _servers;

    public NginxCluster Proxy => _proxy!;

    public int RedisPort { get; } = FreePort.Next();

    /// <param name="database">From <see cref="PostgresServer.CreateDatabaseAsync"/>.</param>
    public static async Task<ComposedCluster> StartAsync(string database)
    {
        var cluster = new ComposedCluster();
        try
        {
            cluster._redis = StartRedis(cluster.RedisPort, RedisPassword);
            await cluster._redis.WaitForLineAsync(Ready());
            var services = OperationsFiles.ReadYaml("docker-compose.yml").GetProperty("services").EnumerateObject();
            foreach (var service in services.Where(s => s.Name.StartsWith("server-", StringComparison.Ordinal)))
            {
                var settings = cluster.SettingsOf(service.Value.GetProperty("environment"), database);
                cluster._servers.Add(await ServerProcess.StartAsync(settings));
            }
            cluster._proxy = await NginxCluster.StartAsync([.. cluster._servers.Select(s => s.BaseAddress)]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the script that is mounted into Redis' container.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="password">What the environment has; null leaves it out.</param>
    public static ChildProcess StartRedis(int port, string? password)
    {
        var script = OperationsFiles.PathOf("infra/docker/redis/start.sh");
        string[] options = ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1"];
        var start = new ProcessStartInfo("/bin/sh", [script, .. options]) { WorkingDirectory = Path.GetTempPath() };
        start.Environment["REDIS_PASSWORD"] = password;
        return ChildProcess.Start(start);
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
    }

    /// <summary>A service's environment, as it would be on one machine without containers.</summary>
    private ServerSettings SettingsOf(JsonElement environment, string database)
    {
        var settings = environment.EnumerateObject()
            .Where(s => s.Name.StartsWith("Collab__", StringComparison.Ordinal))
            .ToDictionary(s => s.Name.Replace("__", ":", StringComparison.Ordinal), s => s.Value.GetString());
        settings["ConnectionStrings:Collab"] = database;
        settings["Collab:Auth:SigningKey"] = TestTokens.Key;
        settings["Collab:Bus:Redis"] = settings["Collab:Bus:Redis"]!
            .Replace("redis:6379", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{RedisPort}"), StringComparison.Ordinal)
            .Replace("${REDIS_PASSWORD:-}", RedisPassword, StringComparison.Ordinal);
        settings["Collab:Proxies:Trusted"] += ",127.0.0.1";
        settings["Collab:Metrics:Port"] = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        // What the service `migrate` does.
        settings["Collab:Store:MigrateOnStart"] = _servers.Count == 0 ? "true" : settings["Collab:Store:MigrateOnStart"];
        return new() { Configuration = settings };
    }

    [GeneratedRegex("Ready to accept connections", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
