using System.Net;
using System.Net.Sockets;

namespace Collab.TestKit;

/// <summary>
/// A TCP proxy on this machine for any protocol, which asks for each connection where it goes. It can be cut, so that everybody notices,
/// and stalled, so that nobody does: connections stay open, and nothing passes.
/// </summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Link> _links = [];
    private readonly Func<int?> _choose;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _stalled;
    private volatile bool _isCut;

    /// <summary>Starts to listen on a free port.</summary>
    /// <param name="choose">Asked for each connection: a port of this machine; null closes it.</param>
    public Relay(Func<int?> choose)
    {
        _choose = choose;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets every connection, and each new one until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        Link[] links;
        lock (_gate) links = [.. _links];
        foreach (var link in links) link.Dispose();
    }

    /// <summary>Nothing passes until <see cref="Heal"/>, over any connection; what is sent meanwhile arrives then.</summary>
    public void Stall() => _stalled ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All is well again.</summary>
    public void Heal()
    {
        _isCut = false;
        Interlocked.Exchange(ref _stalled, null)?.SetResult();
    }

    /// <summary>Ends it, and what goes through it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        Heal();
        await _accepting;
        Cut();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = RunAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends.
        }
    }

    private async Task RunAsync(TcpClient client)
    {
        using var link = new Link(client);
        lock (_gate) _links.Add(link);
        try
        {
            if (!_isCut && _choose() is { } port) await link.RunAsync(port, PassAsync);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone, and with it the link.
        }
        lock (_gate) _links.Remove(link);
    }

    private Task PassAsync() => _stalled?.Task ?? Task.CompletedTask;

    private sealed class Link(TcpClient client) : IDisposable
    {
        private readonly TcpClient _server = new();
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) != 0) return;
            foreach (var side in new[] { client, _server })
            {
                // A reset, not a close in order.
                if (side.Client is { } socket) socket.LingerState = new LingerOption(true, 0);
                side.Dispose();
            }
        }

        public async Task RunAsync(int port, Func<Task> passAsync)
        {
            (client.NoDelay, _server.NoDelay) = (true, true);
            await _server.ConnectAsync(IPAddress.Loopback, port);
            var (here, there) = (client.GetStream(), _server.GetStream());
            Task[] ways = [CopyAsync(here, there, passAsync), CopyAsync(there, here, passAsync)];
            await Task.WhenAny(ways);
            Dispose();
            await Task.WhenAll(ways);
        }

        private static async Task CopyAsync(NetworkStream from, NetworkStream to, Func<Task> passAsync)
        {
            var buffer = new byte[64 * 1024];
            for (int read; (read = await from.ReadAsync(buffer)) > 0;)
            {
                await passAsync();
                await to.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }
}
