using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>
/// Tells the application of snapshots, outside of the strand, one after the other. While a handler runs newer snapshots replace older ones,
/// so that a slow handler holds up nothing and nothing piles up.
/// </summary>
internal sealed class Announcer(object sender, Action<Action> outside, ILogger logger)
{
    private readonly Lock _lock = new();
    private RunSnapshot? _news;
    private bool _isTelling;

    public event EventHandler<RunChangedEventArgs>? Handlers;

    public void Announce(RunSnapshot snapshot)
    {
        lock (_lock)
        {
            if (Handlers is null) return;
            _news = snapshot;
            if (_isTelling) return;
            _isTelling = true;
        }
        outside(Tell);
    }

    private void Tell()
    {
        while (true)
        {
            RunSnapshot news;
            lock (_lock)
            {
                if (_news is null)
                {
                    _isTelling = false;
                    return;
                }
                (news, _news) = (_news, null);
            }
            foreach (var handler in Delegate.EnumerateInvocationList(Handlers)) Tell(handler, news);
        }
    }

    private void Tell(EventHandler<RunChangedEventArgs> handler, RunSnapshot news)
    {
        try
        {
            handler(sender, new(news));
        }
        catch (Exception e)
        {
            logger.HandlerFailed(e, nameof(RunConnection.StateChanged));
        }
    }
}
