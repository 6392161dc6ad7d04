using Collab.Client;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>What a component has open: a run's connection, and the loop that reads its events.</summary>
internal sealed class OpenRun : IAsyncDisposable
{
    private readonly Action _changed;
    private Task? _reading;
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

    /// <summary>Reads the events to come, unless it does already. On the renderer's thread, as all that follows.</summary>
    /// <param name="onEvent">Called for one event at a time.</param>
    /// <param name="failed">Told what that throws.</param>
    /// <returns>Completes when nothing of it is left, or of the run.</returns>
    public Task Read(Func<CollaborationEvent, Task> onEvent, Func<Exception, Task> failed) => _reading ??= ReadAsync(onEvent, failed);

    /// <summary>Completes when nothing of it is left, and the last event's handler has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposing = true;
        Run.StateChanged -= Changed;
        await Run.DisposeAsync();
        if (_reading is not null) await _reading;
    }

    private async Task ReadAsync(Func<CollaborationEvent, Task> onEvent, Func<Exception, Task> failed)
    {
        while (!_isDisposing)
        {
            try
            {
                await foreach (var e in Run.ReadEventsAsync(includeHistory: false))
                {
                    if (_isDisposing) return;
                    await TellAsync(() => onEvent(e), failed);
                }
                // The application has disposed of the run, or of its client.
                return;
            }
            catch (CollabException)
            {
                // The server will not have this user, which the snapshot says too. The application may connect again.
                Task again = Run.WaitForAsync(now => now.Connection is not ConnectionState.Closed);
                await again.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                if (!again.IsCompletedSuccessfully) return;
            }
        }
    }

    private static async Task TellAsync(Func<Task> tell, Func<Exception, Task> failed)
    {
        try
        {
            await tell();
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
