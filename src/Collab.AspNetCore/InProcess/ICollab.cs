using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>
/// Runs as the application sees them that Collab is added to: without a connection to itself, without a token, and without rate limits. A
/// singleton, for use from any thread once the host has started.
/// </summary>
public interface ICollab
{
    /// <summary>A run. Nothing is read or kept for it until something is called on it; a run begins with its first event.</summary>
    /// <param name="runId">Which.</param>
    /// <returns>A value that can be made as often as it is needed.</returns>
    RunHandle Run(Guid runId);

    /// <summary>All runs, newest activity first. One that becomes active meanwhile moves to the front, and may not be met.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>
    /// The runs, read from the store page by page as they are taken. <see cref="RunSummary.ActiveUsers"/> are those on this server.
    /// </returns>
    /// <exception cref="CollabRefusedException"><c>unavailable</c> or <c>overloaded</c>: the store cannot be read now.</exception>
    IAsyncEnumerable<RunSummary> ListRunsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends a user's hub connections, event streams and waiting polls on every server, with the code <c>kicked</c>. They can come back; to
    /// keep a user out, take the rights away too.
    /// </summary>
    /// <param name="userId">Whose.</param>
    /// <param name="reason">A sentence that the user's client is told; null: that the application ended the connection.</param>
    /// <param name="cancellationToken">Ends the wait for the other servers' word, not what they do.</param>
    /// <returns>How many were ended, by the servers that say so within a second.</returns>
    ValueTask<int> DisconnectAsync(string userId, string? reason = null, CancellationToken cancellationToken = default);
}
