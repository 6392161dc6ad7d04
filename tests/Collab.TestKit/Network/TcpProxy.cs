using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Collab.TestKit;

/// <summary>
/// A TCP proxy on this machine between clients and a server, that can do what networks do: cut connections, be slow, be open one way only, and let no WebSocket through. Its
/// address stays the same while the server comes and goes.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly HashSet<TcpLink> _links = [];
    private readonly List<Task> _ended = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _refusesWebSockets;
    private volatile bool _refusesAll;
    private volatile TaskCompletionSource? _heldToClients;
    private volatile TaskCompletionSource? _heldToServer;

    /// <summary>Starts to listen on a free port.</summary>
    /// <param name="target">The server; only its port matters.</param>
    public TcpProxy(Uri target)
    {
        _target = target.Port;
        _listener.Start();
        BaseAddress = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    public Uri BaseAddress { get; }

    /// <summary>How many bytes a second reach each client at most, for connections that are opened from now on; 0: as many as there are.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>How long each piece is under way, in each direction, for connections that are opened from now on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How long each piece is held back from now on, in each direction; over the connections that are open, too.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>How many connections are open.</summary>
    public int Open
    {
        get
        {
            lock (_lock) return _links.Count;
        }
    }

    /// <summary>How many connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Closes each connection that asks for a WebSocket before the server sees it, as proxies of a certain age do; those that are open go too.</summary>
    public void RefuseWebSockets(bool refuse)
    {
        _refusesWebSockets = refuse;
        if (refuse) Cut(_ => true);
    }

    /// <summary>Closes every connection before the server sees it; those that are open go too.</summary>
    public void RefuseAll(bool refuse)
    {
        _refusesAll = refuse;
        if (refuse) Cut(_ => true);
    }

    /// <summary>Cuts the open connections that are chosen, both ends at once, without a word.</summary>
    public void Cut(Func<int, bool> choose)
    {
        lock (_lock)
        {
            foreach (var (index, link) in _links.Index())
            {
                if (!choose(index)) continue;
                link.Dispose();
                Cuts++;
            }
        }
    }

    /// <summary>Lets nothing pass one way, over any connection, until <see cref="Release"/>; what is sent meanwhile arrives then. The other way all is well.</summary>
    public void Hold(bool toClients)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (toClients) _heldToClients ??= held;
        else _heldToServer ??= held;
    }

    /// <summary>Ends <see cref="Hold"/>.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _heldToClients, null)?.SetResult();
        Interlocked.Exchange(ref _heldToServer, null)?.SetResult();
    }

    /// <summary>Cuts everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        Cut(_ => true);
        Release();
        await Task.WhenAll(_ended);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var link = new TcpLink(await _listener.AcceptTcpClientAsync(_end.Token));
                lock (_lock) _links.Add(link);
                _ended.Add(RunAsync(link));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy ends.
        }
    }

    private async Task RunAsync(TcpLink link)
    {
        // Off the accepting loop: the first read may take long.
        await Task.Yield();
        try
        {
            if (!_refusesAll) await CarryAsync(link, BytesPerSecond, Delay);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone, and with it the link.
        }
        finally
        {
            link.Dispose();
            lock (_lock) _links.Remove(link);
        }
    }

    private async Task CarryAsync(TcpLink link, int bytesPerSecond, TimeSpan delay)
    {
        var (from, buffer) = (link.Client.GetStream(), new byte[16 * 1024]);
        var read = await from.ReadAsync(buffer);
        if (_refusesWebSockets && buffer.AsSpan(0, read).IndexOf("Sec-WebSocket-Key"u8) >= 0) return;
        // What the proxy takes in at once, the server takes for delivered.
        if (bytesPerSecond > 0) link.Server.ReceiveBufferSize = 8 * 1024;
        await PassAsync(toClients: false);
        await link.ConnectAsync(_target);
        var to = link.Server.GetStream();
        await to.WriteAsync(buffer.AsMemory(0, read));
        if (delay > TimeSpan.Zero) await link.CarryAsync(CopyLateAsync(from, to, delay), CopyLateAsync(to, from, delay));
        else await link.CarryAsync(CopyAsync(from, to, toClients: false, 0), CopyAsync(to, from, toClients: true, bytesPerSecond));
    }

    private static async Task CopyLateAsync(NetworkStream from, NetworkStream to, TimeSpan delay)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, long SentAt)>(1024);
        var arriving = ArriveAsync();
        var buffer = new byte[64 * 1024];
        for (int read; !arriving.IsCompleted && (read = await from.ReadAsync(buffer)) > 0;)
            await underWay.Writer.WriteAsync((buffer.AsSpan(0, read).ToArray(), TimeProvider.System.GetTimestamp()));
        underWay.Writer.Complete();
        await arriving;

        async Task ArriveAsync()
        {
            await foreach (var (bytes, sentAt) in underWay.Reader.ReadAllAsync())
            {
                var left = delay - TimeProvider.System.GetElapsedTime(sentAt);
                if (left > TimeSpan.Zero) await Task.Delay(left);
                await to.WriteAsync(bytes);
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool toClients, int bytesPerSecond)
    {
        var buffer = new byte[bytesPerSecond > 0 ? Math.Max(1, bytesPerSecond / 20) : 64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            await PassAsync(toClients);
            await to.WriteAsync(buffer.AsMemory(0, read));
            if (bytesPerSecond > 0) await Task.Delay(TimeSpan.FromSeconds((double)read / bytesPerSecond));
        }
    }

    /// <summary>What a piece waits for before it goes on.</summary>
    private async ValueTask PassAsync(bool toClients)
    {
        if (Lag > TimeSpan.Zero) await Task.Delay(Lag);
        if ((toClients ? _heldToClients : _heldToServer) is { } held) await held.Task;
    }
}
