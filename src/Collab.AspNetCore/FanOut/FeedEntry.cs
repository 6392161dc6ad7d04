namespace Collab.AspNetCore.FanOut;

/// <summary>A feed as <see cref="Feeds"/> keeps it: with its first load, which all share who want it meanwhile.</summary>
internal sealed class FeedEntry(Feed feed, Func<Task> load)
{
    private readonly Lock _gate = new();
    private readonly Lazy<Task> _loading = new(load);
    private Task? _takingBack;

    public Feed Feed { get; } = feed;

    public Task Loading => _loading.Value;

    public bool IsReady => _loading is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    /// <summary>Reads what the feed let go of; one reading serves all who ask for it meanwhile.</summary>
    public Task TakeBack(Func<Task> read)
    {
        lock (_gate) return _takingBack is { IsCompleted: false } running ? running : _takingBack = read();
    }
}
