using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>
/// As <see cref="IEventHandler{T}"/>, for every critical event, whatever its data, or for those of <see cref="HandlerOptions.EventTypes"/>.
/// </summary>
public interface IRunHandler
{
    /// <inheritdoc cref="IEventHandler{T}.HandleAsync" />
    Task HandleAsync(CollaborationEvent e, CancellationToken cancellationToken);
}
