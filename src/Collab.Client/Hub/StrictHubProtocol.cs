using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.Client;

/// <summary>
/// A protocol of SignalR's for a client that must not miss an event: SignalR's client drops a message that it cannot read, and tells no
/// one. Here such events end the connection, and the next one asks for what is missing. What a newer server calls that is not known here is
/// dropped.
/// </summary>
internal sealed class StrictHubProtocol(IHubProtocol protocol) : IHubProtocol
{
    public string Name => protocol.Name;

    public int Version => protocol.Version;

    public TransferFormat TransferFormat => protocol.TransferFormat;

    public bool IsVersionSupported(int version) => protocol.IsVersionSupported(version);

    /// <exception cref="InvalidDataException">Events came that cannot be read.</exception>
    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!protocol.TryParseMessage(ref input, binder, out message)) return false;
        return message is InvocationBindingFailureMessage { Target: nameof(ICollaborationClient.ReceiveEvents) } failure
            ? throw new InvalidDataException("Events came that cannot be read.", failure.BindingFailure.SourceException)
            : true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => protocol.WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => protocol.GetMessageBytes(message);
}
