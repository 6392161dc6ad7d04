using System.Buffers;
using Collab.AspNetCore.FanOut;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>A frame of events as the hub's protocols write it: the invocation of <c>ReceiveEvents(runId, events)</c>.</summary>
internal static class HubFrames
{
    private const int RunIdLength = 36;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _threadBuffer;

    /// <summary>As SignalR's JSON protocol.</summary>
    public static FrameForm<FrameMessage> Json { get; } = new(MakeJson);

    /// <summary>As SignalR's MessagePack protocol.</summary>
    public static FrameForm<FrameMessage> MessagePack { get; } = new(MakeMessagePack);

    private static ReadOnlySpan<byte> Start => "{\"type\":1,\"target\":\"ReceiveEvents\",\"arguments\":[\""u8;

    private static ReadOnlySpan<byte> Middle => "\",["u8;

    private static ReadOnlySpan<byte> End => "]]}\u001e"u8;

    public static FrameForm<FrameMessage> For(IHubProtocol protocol) => protocol.TransferFormat == TransferFormat.Text ? Json : MessagePack;

    private static FrameMessage MakeJson(Frame frame)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(FrameMessage.Room + LengthOf(frame));
        WriteJson(frame, bytes.AsSpan(FrameMessage.Room));
        return new(bytes, frame.Events, isText: true);
    }

    private static FrameMessage MakeMessagePack(Frame frame)
    {
        var length = LengthOf(frame);
        var json = ArrayPool<byte>.Shared.Rent(length);
        var buffer = _threadBuffer ??= new();
        buffer.ResetWrittenCount();
        try
        {
            WriteJson(frame, json.AsSpan(0, length));
            HubMessagePack.Write(json.AsSpan(0, length), buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(json);
        }
        var bytes = GC.AllocateUninitializedArray<byte>(FrameMessage.Room + buffer.WrittenCount);
        buffer.WrittenSpan.CopyTo(bytes.AsSpan(FrameMessage.Room));
        return new(bytes, frame.Events, isText: false);
    }

    private static int LengthOf(Frame frame) =>
        Start.Length + RunIdLength + Middle.Length + frame.EventBytes + Math.Max(0, frame.Events - 1) + End.Length;

    private static void WriteJson(Frame frame, Span<byte> rest)
    {
        Append(ref rest, Start);
        frame.RunId.TryFormat(rest, out var written);
        rest = rest[written..];
        Append(ref rest, Middle);
        foreach (var e in frame.Critical) AppendEvent(ref rest, e.Json);
        foreach (var e in frame.Ephemeral) AppendEvent(ref rest, e);
        End.CopyTo(rest);
    }

    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    /// <summary>With a comma after it, unless it is the last.</summary>
    private static void AppendEvent(ref Span<byte> rest, byte[] json)
    {
        Append(ref rest, json);
        if (rest.Length > End.Length) Append(ref rest, ","u8);
    }
}
