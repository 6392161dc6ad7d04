using System.Net;
using System.Net.Sockets;
using Collab.TestKit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// A TCP proxy in front of PostgreSQL that can lose an answer: what was asked has been done, the one who asked sees only a broken connection. It
/// knows the append session by the statement that it prepares.
/// </summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _links = [];
    private readonly int _target;
    private readonly Task _accepting;
    private readonly byte[] _marker;
    private TaskCompletionSource? _lose;

    /// <param name="target">PostgreSQL's port on this machine.</param>
    /// <param name="marker">A part of the statement by which the append session is known.</param>
    public LossyProxy(int target, byte[] marker)
    {
        (_target, _marker) = (target, marker);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Drops the next answer to an append session, and the session with it. Completes when that has happened.</summary>
    public Task LoseNextAnswerAsync()
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _lose = lost;
        return lost.Task.WaitAsync(Patience.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_links);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _links.Add(LinkAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy ends.
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                var link = new Link();
                await Task.WhenAny(AskAsync(client, server, link), AnswerAsync(server, client, link));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either side is gone, and with it the link.
            }
        }
    }

    private async Task AskAsync(TcpClient from, TcpClient to, Link link)
    {
        var buffer = new byte[256 * 1024];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            // Once the statement is prepared, what is asked is to run it.
            if (link.IsPrepared) link.IsAsked = true;
            link.IsPrepared |= buffer.AsSpan(0, read).IndexOf(_marker) >= 0;
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private async Task AnswerAsync(TcpClient from, TcpClient to, Link link)
    {
        var buffer = new byte[256 * 1024];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            if (link.IsAsked && TakeLoss() is { } lost)
            {
                lost.SetResult();
                return;
            }
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private TaskCompletionSource? TakeLoss()
    {
        lock (_gate)
        {
            var lose = _lose;
            _lose = null;
            return lose;
        }
    }

    private sealed class Link
    {
        public volatile bool IsPrepared;
        public volatile bool IsAsked;
    }
}
