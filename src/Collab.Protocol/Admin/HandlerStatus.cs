namespace Collab.Protocol;

/// <summary>How a handler stands: one element of <c>GET /api/admin/handlers</c>.</summary>
/// <param name="Name">The handler.</param>
/// <param name="Lag">
/// How many events are committed and not passed by it yet, in all runs but those it has given up. Events that are not for it count until it
/// has passed them, which can take half a minute.
/// </param>
/// <param name="ParkedRuns">How many runs it has given up.</param>
/// <param name="SeenAgoMs">
/// How long ago a server said that it has this handler, in milliseconds by the database's clock. Servers say so every half minute: much
/// more means that no server runs it.
/// </param>
/// <param name="Parked">Those, the longest first, at most <c>limit</c>.</param>
public sealed record HandlerStatus(string Name, long Lag, int ParkedRuns, long SeenAgoMs, IReadOnlyList<ParkedRun> Parked);
