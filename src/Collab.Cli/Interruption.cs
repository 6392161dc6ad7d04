using System.Runtime.InteropServices;

namespace Collab.Cli;

/// <summary>Ctrl+C, or being told to end: once, it ends in order; twice, at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() =>
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt),
        ];

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _stop.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        if (_stop.IsCancellationRequested) return;
        context.Cancel = true;
        // What is cancelled goes on elsewhere: here it could wait for itself.
        ThreadPool.QueueUserWorkItem(_ => _stop.Cancel());
    }
}
