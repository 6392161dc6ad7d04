using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.Protocol;

/// <summary>
/// SignalR's MessagePack protocol: what the JSON protocol reads and writes, in other bytes. What has no form in JSON is an argument that
/// does not fit. SignalR's own needs reflection, which a trimmed application has not.
/// </summary>
internal sealed class MessagePackHubProtocol(IHubProtocol json) : IHubProtocol
{
    private const int MaxKeptBuffer = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _threadBuffer;

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
        var buffer = Rent();
        if (!HubMessagePack.TryRead(ref input, buffer, out var problem)) return false;
        var asJson = new ReadOnlySequence<byte>(buffer.WrittenMemory);
        if (!json.TryParseMessage(ref asJson, binder, out message)) return false;
        if (problem is not null && message is HubMethodInvocationMessage call)
        {
            message = new InvocationBindingFailureMessage(
                call.InvocationId, call.Target, ExceptionDispatchInfo.Capture(new InvalidDataException(problem)));
        }
        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        var buffer = Rent();
        json.WriteMessage(message, buffer);
        HubMessagePack.Write(buffer.WrittenSpan, output);
    }

    private static ArrayBufferWriter<byte> Rent()
    {
        if (_threadBuffer is not { Capacity: <= MaxKeptBuffer } buffer) return _threadBuffer = new(1024);
        buffer.ResetWrittenCount();
        return buffer;
    }
}
