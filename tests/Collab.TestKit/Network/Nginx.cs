using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Collab.TestKit;

/// <summary>A real nginx in front of a server, as a process of its own. Disposing ends it.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("nginx");
    private readonly int _port = FreePort.Next();
    private readonly X509Certificate2 _certificate;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private ChildProcess? _process;

    private Nginx()
    {
        var request = new CertificateRequest("CN=127.0.0.1", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    /// <summary>Where it listens, by TLS.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}"));

    /// <summary>What it has written to its access log.</summary>
    public string AccessLog => File.Exists(_folder["access.log"]) ? File.ReadAllText(_folder["access.log"]) : "";

    /// <summary>Starts nginx with the block that the documentation shows, <c>infra/proxy/nginx.conf</c>.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="change">Changes the block; null leaves it as it is.</param>
    public static async Task<Nginx> StartAsync(Uri server, Func<string, string>? change = null)
    {
        var nginx = new Nginx();
        try
        {
            nginx.WriteConfiguration(server, change ?? (block => block));
            var start = new ProcessStartInfo(Find(), ["-p", nginx._folder.Path, "-c", nginx._folder["nginx.conf"], "-e", nginx._folder["start.log"]]);
            nginx._process = ChildProcess.Start(start);
            await Eventually.TrueAsync(nginx.ListensAsync, Patience.Process);
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
        if (_process is not null) await _process.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    /// <summary>A replacement that must have something to replace: else the documentation has changed, and the test would test nothing.</summary>
    public static string Replace(string block, string what, string with) => block.Contains(what, StringComparison.Ordinal)
        ? block.Replace(what, with, StringComparison.Ordinal)
        : throw new InvalidOperationException($"infra/proxy/nginx.conf has no '{what}'.");

    private static string Find() => new[] { "/usr/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists) ?? "nginx";

    private void WriteConfiguration(Uri server, Func<string, string> change)
    {
        var block = File.ReadAllText(Path.Combine(Repository.Root, "infra/proxy/nginx.conf"));
        foreach (var (what, with) in (ReadOnlySpan<(string, string)>)
        [
            ("server 127.0.0.1:5080;", $"server {server.Authority};"),
            ("listen 443 ssl;", string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{_port} ssl;")),
            ("/etc/ssl/collab.pem", _folder["collab.pem"]),
            ("/etc/ssl/collab.key", _folder["collab.key"]),
            ("/var/log/nginx/collab.access.log", _folder["access.log"]),
            ("/var/log/nginx/collab.error.log", _folder["error.log"]),
        ])
        {
            block = Replace(block, what, with);
        }
        File.WriteAllText(_folder["collab.pem"], _certificate.ExportCertificatePem());
        File.WriteAllText(_folder["collab.key"], _key.ExportPkcs8PrivateKeyPem());
        // One process, in the foreground and as the user of the test. gzip for all there is, as a careful administrator has it.
        File.WriteAllText(_folder["nginx.conf"], $$"""
            daemon off;
            master_process off;
            pid {{_folder["nginx.pid"]}};
            events { worker_connections 256; }
            http {
                client_body_temp_path {{_folder["body"]}};
                proxy_temp_path {{_folder["proxy"]}};
                fastcgi_temp_path {{_folder["fastcgi"]}};
                uwsgi_temp_path {{_folder["uwsgi"]}};
                scgi_temp_path {{_folder["scgi"]}};
                gzip on;
                gzip_proxied any;
                gzip_types *;
                {{change(block)}}
            }
            """);
    }

    private async Task<bool> ListensAsync()
    {
        if (_process!.Exited.IsCompleted) throw _process.Failed("ended before it listened");
        try
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(Address.Host, Address.Port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
