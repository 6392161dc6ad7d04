using System.Diagnostics.CodeAnalysis;

namespace Collab.Client;

/// <summary>How long something is of use, and a token for what it waits for meanwhile.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A source without a timer or a linked token holds nothing.")]
internal sealed class Lifetime
{
    private readonly CancellationTokenSource _end = new();

    public CancellationToken Token => _end.Token;

    public bool IsOver => _end.IsCancellationRequested;

    public void End() => _end.Cancel();
}
