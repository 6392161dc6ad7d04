using System.Net;
using System.Net.Sockets;

namespace Collab.TestKit;

/// <summary>
/// A TCP proxy on this machine that can hold what clients send, as a network does that is interrupted and comes back: the clients give up, and what they
/// sent arrives later all the same.
/// </summary>
public sealed class HoldingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Link> _links = [];
    private readonly List<Task> _ended = [];
    private readonly int _target;
    private readonly Task _accepting;
    private bool _holdsNew;

    /// <summary>Starts to listen on a free port.</summary>
    /// <param name="target">The server's port on this machine.</param>
    public HoldingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing that a client sends arrives, over connections that are open or new.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _holdsNew = true;
            foreach (var link in _links) link.Hold();
        }
    }

    /// <summary>New connections work again; what is held stays held.</summary>
    public void LetNewOnesThrough()
    {
        lock (_gate) _holdsNew = false;
    }

    /// <summary>What was held arrives. Completes when the server has answered each connection that held something, or has closed it.</summary>
    public async Task ReleaseAsync()
    {
        Link[] links;
        lock (_gate) links = [.. _links];
        await Task.WhenAll(links.Select(link => link.ReleaseAsync())).WaitAsync(Patience.Default);
    }

    /// <summary>Ends it, and what goes through it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_ended);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var link = new Link(await _listener.AcceptTcpClientAsync(_end.Token));
                lock (_gate)
                {
                    _links.Add(link);
                    if (_holdsNew) link.Hold();
                }
                _ended.Add(link.RunAsync(_target, _end.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy ends.
        }
    }

    private sealed class Link(TcpClient client) : IDisposable
    {
        private readonly TcpClient _server = new();
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TaskCompletionSource? _held;
        private volatile bool _holdsSomething;

        public void Hold() => _held ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task ReleaseAsync()
        {
            if (!_holdsSomething || _held is not { } held) return Task.CompletedTask;
            held.SetResult();
            return _answered.Task;
        }

        public async Task RunAsync(int target, CancellationToken end)
        {
            try
            {
                await _server.ConnectAsync(IPAddress.Loopback, target, end);
                // A client that has gone does not end its link while something is held.
                await Task.WhenAll(AskAsync(end), AnswerAsync(end));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either side is gone, and with it the link.
            }
            Dispose();
            _answered.TrySetResult();
        }

        public void Dispose()
        {
            client.Dispose();
            _server.Dispose();
        }

        private async Task AskAsync(CancellationToken end)
        {
            var buffer = new byte[256 * 1024];
            int read;
            while ((read = await client.GetStream().ReadAsync(buffer, end)) > 0)
            {
                var held = _held;
                if (held is not null)
                {
                    _holdsSomething = true;
                    await held.Task.WaitAsync(end);
                }
                await _server.GetStream().WriteAsync(buffer.AsMemory(0, read), end);
                // The client has gone; the server must not hear of that before it has done what it was asked.
                if (held is not null) await _answered.Task.WaitAsync(end);
            }
            _server.Client.Shutdown(SocketShutdown.Send);
        }

        private async Task AnswerAsync(CancellationToken end)
        {
            var buffer = new byte[256 * 1024];
            int read;
            try
            {
                while ((read = await _server.GetStream().ReadAsync(buffer, end)) > 0)
                {
                    if (_held is { Task.IsCompleted: true }) _answered.TrySetResult();
                    else await client.GetStream().WriteAsync(buffer.AsMemory(0, read), end);
                }
            }
            finally
            {
                _answered.TrySetResult();
                client.Dispose();
            }
        }
    }
}
