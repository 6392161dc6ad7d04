using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The protocols that were added to SignalR, with <see cref="CollabHubProtocol"/> around its JSON one. Among the registered protocols the last of a name
/// wins, so that an application which adds SignalR after us would take ours away; a resolver stays.
/// </summary>
internal sealed class CollabHubProtocols : IHubProtocolResolver
{
    private readonly Dictionary<string, IHubProtocol> _byName = new(StringComparer.OrdinalIgnoreCase);

    public CollabHubProtocols(IEnumerable<IHubProtocol> registered)
    {
        foreach (var protocol in registered) _byName[protocol.Name] = protocol is JsonHubProtocol json ? new CollabHubProtocol(json) : protocol;
    }

    public IReadOnlyList<IHubProtocol> AllProtocols => [.. _byName.Values];

    public IHubProtocol? GetProtocol(string protocolName, IReadOnlyList<string>? supportedProtocols) =>
        supportedProtocols is null || supportedProtocols.Contains(protocolName, StringComparer.OrdinalIgnoreCase)
            ? _byName.GetValueOrDefault(protocolName)
            : null;
}
