using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The protocols of our hub. They are its own: both have the names of the contract whatever the application's <c>AddJsonProtocol</c> and
/// <c>AddMessagePackProtocol</c> say, and whether it has any.
/// </summary>
internal sealed class CollabHubProtocols : IHubProtocolResolver
{
    private readonly Dictionary<string, IHubProtocol> _byName;

    private CollabHubProtocols(params IEnumerable<IHubProtocol> protocols) =>
        _byName = protocols.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<IHubProtocol> AllProtocols => [.. _byName.Values];

    public static IHubProtocolResolver Create()
    {
        var json = new OptionalArguments(new JsonHubProtocol(Options.Create(new JsonHubProtocolOptions())));
        return new CollabHubProtocols(new CollabHubProtocol(json), new CollabHubProtocol(new MessagePackHubProtocol(json)));
    }

    /// <summary>
    /// What is supported is for the application to say about hubs of its own; what it has by default is what it has added to SignalR.
    /// </summary>
    public IHubProtocol? GetProtocol(string protocolName, IReadOnlyList<string>? supportedProtocols) =>
        _byName.GetValueOrDefault(protocolName);
}
