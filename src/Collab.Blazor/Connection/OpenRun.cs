using Collab.Client;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>What a component has open: a run's connection, and the loop that reads its events.</summary>
internal sealed class OpenRun : IAsyncDisposable
{
    private readonly Action _changed;
    private Task _reading = Task.CompletedTask;
    private bool _isDisposing;

    /// <param name="run">Its own from here on.</param>
    /// <param name="changed">Called after changes, on any thread; must not block.</param>
    public OpenRun(RunConnection run, Action changed)
    {
        (Run, _changed) = (run, changed);
        run.StateChanged += Changed;
    }

    public RunConnection Run { get; }

    /// <summary>Whether it is connected, or was once.</summary>
    public bool WasConnected { get; private set; }

    /// <summary>
    /// Reads the events to come, if nobody does already: reading ends with a refusal, and the application may connect again after one. On the renderer's
    /// thread, as all that follows.
    /// </summary>
    public void KeepReading(Func<CollaborationEvent, Task> onEvent, Func<Exception, Task> failed)
    {
        if (_reading.IsCompleted && !_isDisposing && Run.Snapshot.Connection is not ConnectionState.Closed) _reading = ReadAsync(onEvent, failed);
    }

    /// <summary>Completes when nothing of it is left, and the last event's handler has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposing = true;
        Run.StateChanged -= Changed;
        await Run.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync(Func<CollaborationEvent, Task> onEvent, Func<Exception, Task> failed)
    {
        try
        {
            await foreach (var e in Run.ReadEventsAsync(includeHistory: false))
            {
                if (_isDisposing) break;
                await onEvent(e);
            }
        }
        catch (CollabException) when (Run.Snapshot.Connection is ConnectionState.Closed)
        {
            // The server will not have this user: the snapshot says so.
        }
        catch (Exception e)
        {
            await failed(e);
        }
    }

    private void Changed(object? sender, RunChangedEventArgs change)
    {
        WasConnected |= change.Snapshot.IsConnected;
        _changed();
    }
}
