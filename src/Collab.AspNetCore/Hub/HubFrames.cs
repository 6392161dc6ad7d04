using System.Buffers;
using System.Text;
using System.Text.Json;
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
    public static FrameForm<FrameMessage> Json { get; } = new(frame => MakeJson(frame, before: []));

    /// <summary>As SignalR's MessagePack protocol.</summary>
    public static FrameForm<FrameMessage> MessagePack { get; } = new(frame => MakeMessagePack(frame, before: []));

    /// <summary>The same for those who want <see cref="Frame.Fingerprint"/>: the invocation of <c>ReceiveFingerprint</c> first.</summary>
    public static FrameForm<FrameMessage> JsonWithFingerprint { get; } =
        new(frame => frame.Fingerprint is null ? frame.In(Json) : MakeJson(frame, FingerprintOf(frame)));

    /// <inheritdoc cref="JsonWithFingerprint" />
    public static FrameForm<FrameMessage> MessagePackWithFingerprint { get; } =
        new(frame => frame.Fingerprint is null ? frame.In(MessagePack) : MakeMessagePack(frame, FingerprintOf(frame)));

    private static ReadOnlySpan<byte> Start => "{\"type\":1,\"target\":\"ReceiveEvents\",\"arguments\":[\""u8;

    private static ReadOnlySpan<byte> Middle => "\",["u8;

    private static ReadOnlySpan<byte> End => "]]}\u001e"u8;

    public static FrameForm<FrameMessage> For(IHubProtocol protocol, bool withFingerprints) =>
        protocol.TransferFormat == TransferFormat.Text
            ? withFingerprints ? JsonWithFingerprint : Json
            : withFingerprints ? MessagePackWithFingerprint : MessagePack;

    private static FrameMessage MakeJson(Frame frame, ReadOnlySpan<byte> before)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(FrameMessage.Room + before.Length + LengthOf(frame));
        before.CopyTo(bytes.AsSpan(FrameMessage.Room));
        WriteJson(frame, bytes.AsSpan(FrameMessage.Room + before.Length));
        return new(bytes, frame.Events, isText: true);
    }

    private static FrameMessage MakeMessagePack(Frame frame, ReadOnlySpan<byte> before)
    {
        var length = LengthOf(frame);
        var json = ArrayPool<byte>.Shared.Rent(length);
        var buffer = _threadBuffer ??= new();
        buffer.ResetWrittenCount();
        if (before.Length > 0) HubMessagePack.Write(before, buffer);
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

    /// <summary>One message of the JSON protocol.</summary>
    private static byte[] FingerprintOf(Frame frame) => Encoding.UTF8.GetBytes(
        $$$"""{"type":1,"target":"ReceiveFingerprint","arguments":["{{{frame.RunId}}}",{{{JsonSerializer.Serialize(
            frame.Fingerprint!, CollabJson.Default.StateFingerprint)}}}]}""" + '\u001e');

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
