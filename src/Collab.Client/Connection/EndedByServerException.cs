using Collab.Protocol;

namespace Collab.Client;

/// <summary>The server has ended the connection and said why. Nothing that an application sees: the snapshot has the reason.</summary>
/// <param name="code">Why.</param>
/// <param name="message">What the server says about it.</param>
/// <param name="allowReconnect">Whether its close message allows to come back; null where nothing says so.</param>
internal sealed class EndedByServerException(EndingCode code, string message, bool? allowReconnect) : Exception(message)
{
    public EndingCode Code { get; } = code;

    public bool AllowReconnect { get; } = allowReconnect ?? code.IsReconnectAllowed();
}
