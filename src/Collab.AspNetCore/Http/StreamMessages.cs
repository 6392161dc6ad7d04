using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.Protocol;

namespace Collab.AspNetCore.Http;

/// <summary>Events as the messages of an event stream; critical ones have their number as id.</summary>
internal static class StreamMessages
{
    private const int LongestNumber = 20;

    /// <summary>All events of a frame.</summary>
    public static FrameForm<byte[]> Form { get; } = new(frame =>
    {
        var buffer = new ArrayBufferWriter<byte>(frame.Length + frame.Events * 32);
        Write(buffer, frame);
        return buffer.WrittenSpan.ToArray();
    });

    /// <summary>The same, after <see cref="Frame.Fingerprint"/> as a message of that name.</summary>
    public static FrameForm<byte[]> FormWithFingerprint { get; } = new(frame =>
    {
        if (frame.Fingerprint is not { } fingerprint) return frame.In(Form);
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("event: fingerprint\n"u8);
        WriteData(buffer, JsonSerializer.SerializeToUtf8Bytes(fingerprint, CollabJson.Default.StateFingerprint));
        Write(buffer, frame);
        return buffer.WrittenSpan.ToArray();
    });

    public static void Write(IBufferWriter<byte> output, LoggedEvent e)
    {
        output.Write("id: "u8);
        Utf8Formatter.TryFormat(e.Sequence, output.GetSpan(LongestNumber), out var written);
        output.Advance(written);
        output.Write("\n"u8);
        WriteData(output, e.Json);
    }

    private static void Write(ArrayBufferWriter<byte> output, Frame frame)
    {
        foreach (var e in frame.Critical) Write(output, e);
        foreach (var json in frame.Ephemeral) WriteData(output, json);
    }

    public static void WriteData(IBufferWriter<byte> output, byte[] json)
    {
        output.Write("data: "u8);
        output.Write(json);
        output.Write("\n\n"u8);
    }
}
