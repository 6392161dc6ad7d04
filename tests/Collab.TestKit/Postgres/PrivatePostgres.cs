namespace Collab.TestKit;

/// <summary>A PostgreSQL server that belongs to the tests, so that they can see what its failures do.</summary>
public abstract class PrivatePostgres : PostgresServer
{
    /// <summary>Shuts it down in order (fast: sessions are cut off, the data is flushed).</summary>
    public abstract Task StopAsync();

    /// <summary>Crashes it. What was committed is there after <see cref="StartAgainAsync"/>, what was not is gone.</summary>
    public abstract Task KillAsync();

    /// <summary>Starts it after <see cref="StopAsync"/> or <see cref="KillAsync"/>, with its data, on the same port.</summary>
    /// <returns>Completes when it accepts connections.</returns>
    public abstract Task StartAgainAsync();

    /// <summary>Starts it again if it has ended by itself, as it does when it cannot write what it must.</summary>
    public virtual Task ReviveAsync() => Task.CompletedTask;

    /// <summary>Freezes it: connections stay open, nothing is answered.</summary>
    public abstract Task PauseAsync();

    /// <summary>Lets it go on after <see cref="PauseAsync"/>.</summary>
    public abstract Task ResumeAsync();

    /// <summary><see cref="StopAsync"/>, then <see cref="StartAgainAsync"/>.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }
}
