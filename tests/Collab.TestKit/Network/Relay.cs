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
    private readonly HashSet<TcpLink> _links = [];
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
        TcpLink[] links;
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
        using var link = new TcpLink(client);
        lock (_gate) _links.Add(link);
        try
        {
            if (!_isCut && _choose() is { } port) await CarryAsync(link, port);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone, and with it the link.
        }
        lock (_gate) _links.Remove(link);
    }

    private async Task CarryAsync(TcpLink link, int port)
    {
        (link.Client.NoDelay, link.Server.NoDelay) = (true, true);
        await link.ConnectAsync(port);
        var (here, there) = (link.Client.GetStream(), link.Server.GetStream());
        await link.CarryAsync(CopyAsync(here, there), CopyAsync(there, here));
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            if (_stalled is { } stalled) await stalled.Task;
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
