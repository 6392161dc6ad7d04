using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Hub;

/// <summary>The protocols of our hub. They are its own: JSON has the names of the contract whatever the application's <c>AddJsonProtocol</c> says.</summary>
internal sealed class CollabHubProtocols : IHubProtocolResolver
{
    private readonly Dictionary<string, IHubProtocol> _byName;

    private CollabHubProtocols(params IEnumerable<IHubProtocol> protocols) => _byName = protocols.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<IHubProtocol> AllProtocols => [.. _byName.Values];

    public static IHubProtocolResolver Create() => new CollabHubProtocols(new CollabHubProtocol(new(Options.Create(new JsonHubProtocolOptions()))));

    public IHubProtocol? GetProtocol(string protocolName, IReadOnlyList<string>? supportedProtocols) =>
        supportedProtocols is null || supportedProtocols.Contains(protocolName, StringComparer.OrdinalIgnoreCase)
            ? _byName.GetValueOrDefault(protocolName)
            : null;
}
