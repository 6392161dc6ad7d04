using System.Text.Json;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Load;

/// <summary>One of the clients of a load: it follows its run, and publishes its share.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly LoadRun _run;
    private readonly Figures _figures;
    private readonly CollabClient _client;
    private readonly RunConnection _connection;
    private readonly Queue<Task> _sends = new();
    private (Guid MessageId, int Attempt) _heldBack;
    private Task _following = Task.CompletedTask;

    public LoadClient(Target target, int? user, LoadRun run, Figures figures)
    {
        (_run, _figures, Receipts) = (run, figures, new Receipts(run));
        _client = target.NewClient(user, options =>
        {
            // The snapshot's list is of no use here; a reader that falls behind goes on with what the server keeps.
            options.MaxEvents = 1;
            options.MaxUnread = 10_000;
        });
        _connection = _client.Open(run.Id);
        _connection.StateChanged += (_, change) => CountHeldBack(change.Snapshot);
    }

    public Receipts Receipts { get; }

    /// <summary>How it is connected, and how often it had to do so again.</summary>
    public RunSnapshot Snapshot => _connection.Snapshot;

    /// <summary>Waits until it is connected, and begins to follow: what is published from then on, it must see.</summary>
    /// <exception cref="CollabException">The server will not have it.</exception>
    public async Task ConnectAsync(CancellationToken stop)
    {
        var now = await _connection.WaitForAsync(s => s.IsConnected || s.Connection is ConnectionState.Closed, stop);
        if (now.Connection is ConnectionState.Closed { Error: { } error }) throw error;
        _following = FollowAsync();
    }

    /// <summary>Publishes, without waiting for what was published before.</summary>
    public void Publish(JsonElement data)
    {
        while (_sends.TryPeek(out var oldest) && oldest.IsCompleted) _ = _sends.Dequeue();
        _sends.Enqueue(SendAsync(data));
    }

    /// <summary>Waits until all that was published is acknowledged or refused. False if the time is up before.</summary>
    public async Task<bool> SettleAsync(CancellationToken timeUp)
    {
        try
        {
            await Task.WhenAll(_sends).WaitAsync(timeUp);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await Task.WhenAll([_following, .. _sends]);
    }

    private async Task SendAsync(JsonElement data)
    {
        var id = Guid.CreateVersion7();
        var sent = _run.Add(id, TimeProvider.System.GetTimestamp());
        _figures.Publish();
        try
        {
            await _connection.PublishAsync(EventTypes.Flag, data, id);
            _run.Acknowledged.Add(sent.Index);
            _figures.Acknowledge(TimeProvider.System.GetElapsedTime(sent.At));
        }
        catch (ConnectionClosedException)
        {
            _figures.Refuse("unanswered");
        }
        catch (CollabException e)
        {
            _figures.Refuse(e.CodeText);
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var e in _connection.ReadEventsAsync(includeHistory: false))
            {
                if (Receipts.Take(e) is { } sent) _figures.Deliver(TimeProvider.System.GetElapsedTime(sent.At));
            }
        }
        catch (CollabException)
        {
            // The server will not have it any more: its publishes are told why, and what it misses is counted.
        }
    }

    /// <summary>The client repeats by itself what came too fast; here it shows.</summary>
    private void CountHeldBack(RunSnapshot now)
    {
        var first = now.Pending.FirstOrDefault(send => send.Status != PendingStatus.Refused);
        if (first is not { Error.Code: CollabErrorCode.RateLimited } send) return;
        // An attempt that is under way still shows the refusal of the one before.
        var refused = (send.MessageId, send.Status == PendingStatus.Sending ? send.Attempts - 1 : send.Attempts);
        if (refused == _heldBack) return;
        _heldBack = refused;
        _figures.HoldBack();
    }
}
