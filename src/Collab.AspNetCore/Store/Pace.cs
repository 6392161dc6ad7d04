using System.Diagnostics;

namespace Collab.AspNetCore.Store;

/// <summary>
/// A long read in pieces, with a rest after each. Else it has one of the server's processors and one of the database's to itself for as
/// long as it lasts, and every publish meanwhile waits for its turn on them. The database rests too: it can be ahead by no more than the
/// connection holds.
/// </summary>
internal sealed class Pace
{
    /// <summary>A read that is shorter has no rest.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(2);

    private long _begun = Stopwatch.GetTimestamp();

    /// <summary>A row was read.</summary>
    public ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        var taken = Stopwatch.GetElapsedTime(_begun);
        return taken < Piece ? default : new(RestAsync(taken, cancellationToken));
    }

    private async Task RestAsync(TimeSpan taken, CancellationToken cancellationToken)
    {
        // Twice as long: a third of one processor, and a run of 16 MB is read in a fifth of a second.
        await Task.Delay(2 * taken, cancellationToken);
        _begun = Stopwatch.GetTimestamp();
    }
}
