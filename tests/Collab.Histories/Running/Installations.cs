namespace Collab.Histories.Running;

/// <summary>
/// The installations that histories happen on. To start servers takes longer than a small history does, so the next history of the same kind
/// has those of the one before, with runs of its own; after a violation, or a failure, and now and then in any case, it has new ones.
/// </summary>
/// <param name="stores">Where databases are made.</param>
/// <param name="uses">How many histories one is used for at most.</param>
internal sealed class Installations(Stores stores, int uses) : IAsyncDisposable
{
    private (Installation Servers, int Uses)? _current;

    /// <summary>Lets a plan happen.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isGood">Says of its history whether the servers can go on.</param>
    public async Task RunAsync(Plan plan, Func<Recording.History, bool> isGood)
    {
        var began = TimeProvider.System.GetTimestamp();
        if (_current is not { } current || current.Servers.Layout != plan.Layout || current.Uses >= uses)
        {
            await DisposeAsync();
            current = (await Installation.StartAsync(plan.Layout, stores), 0);
        }
        _current = (current.Servers, current.Uses + 1);
        var started = TimeProvider.System.GetElapsedTime(began);
        try
        {
            if (isGood(await HistoryRun.RunAsync(plan, current.Servers, started))) return;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
        await DisposeAsync();
    }

    /// <summary>Ends the servers.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_current is not { } current) return;
        _current = null;
        await current.Servers.DisposeAsync();
    }
}
