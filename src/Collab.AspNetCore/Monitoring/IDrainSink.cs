using Collab.Protocol;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// Hears how far this server is on its way out, in order, so that others can be told. A stop commits what is queued only afterwards, in the
/// hosted services' own order.
/// </summary>
internal interface IDrainSink
{
    /// <summary>The server is in another state. Called with a lock held: must not wait, and not throw.</summary>
    void DrainChanged(DrainState state);
}
