namespace Collab.Protocol;

/// <summary>One server of an installation. Counts begin with its start.</summary>
/// <param name="Id">What it is known by to the others, since its start.</param>
/// <param name="Name">What people call it: its machine and process.</param>
/// <param name="Version">Which version it runs.</param>
/// <param name="StartedAt">When it began, Unix milliseconds by its clock.</param>
/// <param name="UptimeSeconds">Whole seconds since then.</param>
/// <param name="Connections">Hub connections that it holds.</param>
/// <param name="Runs">Runs that are active on it.</param>
/// <param name="State">How far it is on its way out.</param>
/// <param name="MessagesProcessed">Publishes and cursor moves that arrived, by hub or HTTP, accepted or refused.</param>
/// <param name="Errors">Publishes that failed, deliveries that were given up, and other calls and connections that were refused.</param>
/// <param name="IsSelf">Whether it is the server that answers.</param>
/// <param name="HasAnswered">Whether it answered now. If not, this is what it said last.</param>
/// <param name="IsLeaving">Whether it has said goodbye, and ends.</param>
/// <param name="HeardAgoMs">
/// How long ago it was heard of, in milliseconds: 0 if it has answered. After six seconds it is taken for dead.
/// </param>
public sealed record ServerStatus(
    Guid Id, string Name, string Version, long StartedAt, long UptimeSeconds, int Connections, int Runs, DrainState State,
    long MessagesProcessed, long Errors, bool IsSelf, bool HasAnswered, bool IsLeaving, long HeardAgoMs);
