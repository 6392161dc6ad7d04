using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Collab.EndToEndTests.Kit;

/// <summary>What lies between a browser and the server: a TCP proxy that can be cut, go down, be slow, swallow answers, and break WebSockets.</summary>
internal sealed class Network : IAsyncDisposable
{
    private const int HeadBytes = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Link> _links = [];
    private readonly List<Task> _running = [];
    private readonly Uri _server;
    private readonly Task _accepting;

    public Network(DemoServer server)
    {
        _server = server.Address;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The server, through this network.</summary>
    public Uri Address => new UriBuilder(_server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port, Path = Prefix }.Uri;

    /// <summary>The path below which the server is found here, like <c>/tenant/</c>: it is taken away on the way there, as reverse proxies do.</summary>
    public string Prefix { get; init; } = "/";

    /// <summary>How long each piece is under way, in each direction.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether a WebSocket is accepted and then closed at once, as some proxies do.</summary>
    public bool BreaksWebSockets { get; set; }

    /// <summary>Whether nothing gets through: new connections are closed at once.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether what a browser sends gets through and what the server answers does not.</summary>
    public bool SwallowsAnswers { get; set; }

    /// <summary>Ends every connection. New ones get through, if nothing else is wrong.</summary>
    public void Cut()
    {
        Link[] links;
        lock (_gate) links = [.. _links];
        foreach (var link in links) link.Dispose();
    }

    /// <summary>Ends every connection and lets no new one through.</summary>
    public void GoDown()
    {
        IsDown = true;
        Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _running.Add(ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var link = new Link(client);
        lock (_gate) _links.Add(link);
        try
        {
            // Looked at after it is among the links: one that goes down meanwhile either sees it or is seen.
            if (IsDown) return;
            await link.Server.ConnectAsync(_server.Host, _server.Port, _end.Token);
            var first = new byte[HeadBytes];
            var read = await link.FromClient.ReadAsync(first, _end.Token);
            var isWebSocket = first.AsSpan(0, read).IndexOf("Upgrade: websocket"u8) >= 0;
            await link.FromServer.WriteAsync(WithoutPrefix(first.AsMemory(0, read), isWebSocket), _end.Token);
            await Task.WhenAny(
                CarryAsync(link.FromClient, link.FromServer, () => true),
                CarryAsync(link.FromServer, link.FromClient, () => !SwallowsAnswers, endsAfterFirst: () => isWebSocket && BreaksWebSockets));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut, or over.
        }
        finally
        {
            lock (_gate) _links.Remove(link);
        }
    }

    /// <summary>The head of a request as the server would get it by itself. One request for each connection: the next one's head is not looked at.</summary>
    private ReadOnlyMemory<byte> WithoutPrefix(ReadOnlyMemory<byte> head, bool isWebSocket)
    {
        if (Prefix is "/") return head;
        var (method, rest) = Encoding.Latin1.GetString(head.Span).Split(' ', 2) is [var first, var second] ? (first, second) : ("", "");
        if (!rest.StartsWith(Prefix, StringComparison.Ordinal)) return "GET /outside-of-the-prefix HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();
        if (!isWebSocket) rest = rest.Replace("Connection: keep-alive", "Connection: close", StringComparison.OrdinalIgnoreCase);
        return Encoding.Latin1.GetBytes($"{method} /{rest[Prefix.Length..]}");
    }

    /// <summary>Carries bytes from one side to the other until one of them ends.</summary>
    private async Task CarryAsync(NetworkStream from, NetworkStream to, Func<bool> letsThrough, Func<bool>? endsAfterFirst = null)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, long SentAt)>(1024);
        var arriving = ArriveAsync(underWay.Reader, to, endsAfterFirst ?? (() => false));
        var buffer = new byte[64 * 1024];
        int read;
        while (!arriving.IsCompleted && (read = await from.ReadAsync(buffer, _end.Token)) > 0)
        {
            if (letsThrough()) await underWay.Writer.WriteAsync((buffer.AsSpan(0, read).ToArray(), TimeProvider.System.GetTimestamp()), _end.Token);
        }
        underWay.Writer.Complete();
        await arriving;
    }

    private async Task ArriveAsync(ChannelReader<(byte[] Bytes, long SentAt)> underWay, NetworkStream to, Func<bool> endsAfterFirst)
    {
        await foreach (var (bytes, sentAt) in underWay.ReadAllAsync(_end.Token))
        {
            var left = Delay - TimeProvider.System.GetElapsedTime(sentAt);
            if (left > TimeSpan.Zero) await Task.Delay(left, _end.Token);
            await to.WriteAsync(bytes, _end.Token);
            if (endsAfterFirst()) return;
        }
    }

    private sealed class Link(TcpClient client) : IDisposable
    {
        public TcpClient Server { get; } = new() { NoDelay = true };

        public NetworkStream FromClient => client.GetStream();

        public NetworkStream FromServer => Server.GetStream();

        public void Dispose()
        {
            client.Dispose();
            Server.Dispose();
        }
    }
}
