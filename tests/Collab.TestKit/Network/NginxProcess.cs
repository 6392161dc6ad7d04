using System.Diagnostics;
using System.Net.Sockets;

namespace Collab.TestKit;

/// <summary>An nginx with any configuration, as one process with a folder and a free port of its own. Disposing ends it.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("nginx");
    private ChildProcess? _process;

    /// <summary>The port that its configuration is to listen on.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>A file or folder of its own.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Starts it.</summary>
    /// <param name="configuration">All of its configuration.</param>
    /// <returns>Completes when it accepts connections.</returns>
    public async Task StartAsync(string configuration)
    {
        await File.WriteAllTextAsync(_folder["nginx.conf"], configuration);
        var program = new[] { "/usr/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists) ?? "nginx";
        string[] files = ["-p", _folder.Path, "-c", _folder["nginx.conf"], "-e", _folder["start.log"]];
        _process = ChildProcess.Start(new ProcessStartInfo(program, [.. files, "-g", "daemon off; master_process off;"]));
        await Eventually.TrueAsync(ListensAsync, Patience.Process);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> ListensAsync()
    {
        if (_process!.Exited.IsCompleted) throw _process.Failed("ended before it listened");
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
