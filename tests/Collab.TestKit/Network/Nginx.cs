using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Collab.TestKit;

/// <summary>A real nginx in front of a server, as a process of its own. Disposing ends it.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly NginxProcess _process = new();
    private readonly X509Certificate2 _certificate;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private Nginx()
    {
        var request = new CertificateRequest("CN=127.0.0.1", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    /// <summary>Where it listens, by TLS.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_process.Port}"));

    /// <summary>What it has written to its access log.</summary>
    public string AccessLog => File.Exists(_process["access.log"]) ? File.ReadAllText(_process["access.log"]) : "";

    /// <summary>Starts nginx with the block that the documentation shows, <c>infra/proxy/nginx.conf</c>.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="change">Changes the block; null leaves it as it is.</param>
    public static async Task<Nginx> StartAsync(Uri server, Func<string, string>? change = null)
    {
        var nginx = new Nginx();
        try
        {
            await nginx._process.StartAsync(nginx.Configuration(server, change ?? (block => block)));
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that trusts its certificate.</summary>
    public HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All };
        handler.SslOptions.CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return new HttpClient(handler) { BaseAddress = Address, Timeout = Patience.Default };
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>A replacement that must have something to replace: else the documentation has changed, and the test would test nothing.</summary>
    public static string Replace(string block, string what, string with) => block.Contains(what, StringComparison.Ordinal)
        ? block.Replace(what, with, StringComparison.Ordinal)
        : throw new InvalidOperationException($"The proxy's configuration has no '{what}'.");

    private string Configuration(Uri server, Func<string, string> change)
    {
        var block = File.ReadAllText(Path.Combine(Repository.Root, "infra/proxy/nginx.conf"));
        foreach (var (what, with) in (ReadOnlySpan<(string, string)>)
        [
            ("server 127.0.0.1:5080;", $"server {server.Authority};"),
            ("listen 443 ssl;", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{_process.Port} ssl;")),
            ("/etc/ssl/collab.pem", _process["collab.pem"]),
            ("/etc/ssl/collab.key", _process["collab.key"]),
            ("/var/log/nginx/collab.access.log", _process["access.log"]),
            ("/var/log/nginx/collab.error.log", _process["error.log"]),
        ])
        {
            block = Replace(block, what, with);
        }
        File.WriteAllText(_process["collab.pem"], _certificate.ExportCertificatePem());
        File.WriteAllText(_process["collab.key"], _key.ExportPkcs8PrivateKeyPem());
        // gzip for all there is, as a careful administrator has it.
        return $$"""
            pid {{_process["nginx.pid"]}};
            events { worker_connections 256; }
            http {
                client_body_temp_path {{_process["body"]}};
                proxy_temp_path {{_process["proxy"]}};
                fastcgi_temp_path {{_process["fastcgi"]}};
                uwsgi_temp_path {{_process["uwsgi"]}};
                scgi_temp_path {{_process["scgi"]}};
                gzip on;
                gzip_proxied any;
                gzip_types *;
                {{change(block)}}
            }
            """;
    }
}
