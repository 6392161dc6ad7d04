using System.Diagnostics.CodeAnalysis;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>
/// Acts on what happens in runs: each critical event with data of type <typeparamref name="T"/>, at least once, in the order of its run, by
/// one server at a time. Runs are handled side by side. Add it by <see cref="CollabBuilder.AddHandler"/>; it may implement this for several
/// types.
/// </summary>
/// <typeparam name="T">
/// A type of data that <see cref="CollabBuilder.AddEvent"/> has added, or a built-in one: <see cref="Graft"/>, <see cref="Prune"/>,
/// <see cref="Flag"/>.
/// </typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It handles the events of runs; a delegate of .NET's events is not meant.")]
public interface IEventHandler<in T>
    where T : notnull
{
    /// <summary>
    /// Handles an event. The next one of the run comes when this has completed. An exception lets it be tried again, and after some
    /// attempts sets the run aside for this handler. It may be called again for an event that it has handled, when a server ends in
    /// between: <see cref="CollaborationEvent.MessageId"/> tells.
    /// </summary>
    /// <param name="data">What the event says.</param>
    /// <param name="e">The event.</param>
    /// <param name="cancellationToken">
    /// The server ends, or may handle the run no longer, for it cannot reach the store: another one is about to.
    /// </param>
    /// <returns>Completes when it is handled.</returns>
    Task HandleAsync(T data, CollaborationEvent e, CancellationToken cancellationToken);
}
