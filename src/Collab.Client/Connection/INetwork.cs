using System.Net.NetworkInformation;
using System.Runtime.Versioning;

namespace Collab.Client;

/// <summary>This machine's network: the real one, or that of a test.</summary>
internal interface INetwork
{
    /// <summary>False if the system has said that there is no network. It may be wrong.</summary>
    bool IsAvailable { get; }

    /// <summary>Calls, from any thread, when that has changed, until what it returns is disposed. Null if that never happens.</summary>
    IDisposable? Watch(Action changed);
}

/// <summary>What the system says when the network comes and goes. Before it has said anything, the network counts as there.</summary>
internal sealed class SystemNetwork : INetwork
{
    private volatile bool _isAvailable = true;

    public bool IsAvailable => _isAvailable;

    public IDisposable? Watch(Action changed)
    {
        // There a failed attempt tells.
        if (OperatingSystem.IsBrowser()) return null;
        try
        {
            return new Subscription(this, changed);
        }
        catch (Exception)
        {
            // A process may be forbidden to ask, as a hardened service is that opens sockets of the internet only. It connects all the
            // same.
            return null;
        }
    }

    [UnsupportedOSPlatform("browser")]
    private sealed class Subscription : IDisposable
    {
        private readonly SystemNetwork _network;
        private readonly Action _changed;

        public Subscription(SystemNetwork network, Action changed)
        {
            (_network, _changed) = (network, changed);
            NetworkChange.NetworkAvailabilityChanged += OnChanged;
        }

        public void Dispose() => NetworkChange.NetworkAvailabilityChanged -= OnChanged;

        private void OnChanged(object? sender, NetworkAvailabilityEventArgs change)
        {
            _network._isAvailable = change.IsAvailable;
            _changed();
        }
    }
}

/// <summary>Of a server on this machine: no cable leads there.</summary>
internal sealed class Loopback : INetwork
{
    public bool IsAvailable => true;

    public IDisposable? Watch(Action changed) => null;
}
