using Collab.Client;

namespace Collab.ClientTests.Kit;

/// <summary>A network that comes and goes when a test says so.</summary>
internal sealed class FakeNetwork : INetwork
{
    private readonly List<Action> _watchers = [];

    public bool IsAvailable { get; private set; } = true;

    public int Watchers => _watchers.Count;

    public IDisposable? Watch(Action changed)
    {
        _watchers.Add(changed);
        return new Watcher(this, changed);
    }

    public void Change(bool isAvailable)
    {
        IsAvailable = isAvailable;
        foreach (var watcher in _watchers.ToArray()) watcher();
    }

    private sealed class Watcher(FakeNetwork network, Action changed) : IDisposable
    {
        public void Dispose() => network._watchers.Remove(changed);
    }
}
