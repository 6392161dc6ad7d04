using System.Globalization;

namespace Collab.TestKit;

/// <summary>A real nginx in front of several servers, without TLS, with a configuration of the repository's. Disposing ends it.</summary>
public sealed class NginxCluster : IAsyncDisposable
{
    private readonly NginxProcess _process = new();

    private NginxCluster()
    {
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_process.Port}"));

    /// <summary>What it has written to its access log.</summary>
    public string AccessLog => File.Exists(_process["access.log"]) ? File.ReadAllText(_process["access.log"]) : "";

    /// <summary>Starts nginx with <c>infra/proxy/cluster.conf</c>, in front of as many servers as that names.</summary>
    /// <param name="servers">The servers, in place of <c>server-1:8080</c> and so on.</param>
    /// <param name="change">Changes the configuration; null leaves it as it is.</param>
    public static async Task<NginxCluster> StartAsync(IReadOnlyList<Uri> servers, Func<string, string>? change = null)
    {
        var nginx = new NginxCluster();
        try
        {
            await nginx._process.StartAsync(nginx.Configuration(servers, change ?? (configuration => configuration)));
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private string Configuration(IReadOnlyList<Uri> servers, Func<string, string> change)
    {
        var configuration = change(File.ReadAllText(Path.Combine(Repository.Root, "infra/proxy/cluster.conf")));
        for (var i = 0; i < servers.Count; i++)
        {
            // Addresses in place of names: there is nothing to resolve, and Debian's nginx cannot do it here.
            var name = string.Create(CultureInfo.InvariantCulture, $"server-{i + 1}:8080 resolve");
            configuration = Nginx.Replace(configuration, name, servers[i].Authority);
        }
        foreach (var (what, with) in (ReadOnlySpan<(string, string)>)
        [
            ("/tmp/", _process["x"][..^1]),
            ("listen 8080;", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{_process.Port};")),
            ("/dev/stdout", _process["access.log"]),
            ("/dev/stderr", _process["error.log"]),
        ])
        {
            configuration = Nginx.Replace(configuration, what, with);
        }
        return configuration;
    }
}
