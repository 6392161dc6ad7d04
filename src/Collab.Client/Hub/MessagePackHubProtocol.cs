using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.Client;

/// <summary>
/// SignalR's MessagePack protocol: what the JSON protocol reads and writes, in other bytes. SignalR's own needs reflection, which a trimmed
/// application has not.
/// </summary>
internal sealed class MessagePackHubProtocol(JsonHubProtocol json) : IHubProtocol
{
    public string Name => "messagepack";

    public int Version => json.Version;

    public TransferFormat TransferFormat => TransferFormat.Binary;

    public bool IsVersionSupported(int version) => json.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteMessage(message, output);
        return output.WrittenMemory;
    }

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        message = null;
        var buffer = new ArrayBufferWriter<byte>();
        if (!HubMessagePack.TryRead(ref input, buffer, out _)) return false;
        var asJson = new ReadOnlySequence<byte>(buffer.WrittenMemory);
        return json.TryParseMessage(ref asJson, binder, out message);
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) =>
        HubMessagePack.Write(json.GetMessageBytes(message).Span, output);
}
