using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Monitoring;

/// <summary>Whether new connections, streams, joins and polls that wait are let in: they are until the server drains or stops.</summary>
internal sealed class Entrance
{
    private static readonly TimeSpan ComeAgainAfter = TimeSpan.FromSeconds(1);

    private volatile Ending? _closed;

    /// <summary>Why nothing is let in; null: it is.</summary>
    public Ending? Closed => _closed;

    public void Close(Ending ending) => _closed = ending;

    public void Open() => _closed = null;

    /// <exception cref="RefusedException"><c>unavailable</c>: it is closed. Another server may be open.</exception>
    public void Demand()
    {
        if (_closed is { } ending)
            throw new RefusedException(CollabErrorCode.Unavailable, ending.Message, ComeAgainAfter) { Ending = ending.Code };
    }
}
