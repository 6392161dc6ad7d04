using System.Threading.Channels;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Collab.Storage;

/// <summary>Says to the server in this process that the outbox has something new.</summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public OutboxSignal() => Interceptors = new OutboxInterceptor(this).All;

    /// <summary>They see which contexts commit something for the outbox.</summary>
    public IInterceptor[] Interceptors { get; }

    public void Raise() => _signal.Writer.TryWrite(true);

    /// <summary>Completes when it was raised since the last time.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _signal.Reader.ReadAsync(cancellationToken);
}
