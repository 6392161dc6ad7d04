using System.Buffers;
using System.Buffers.Text;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;

namespace Collab.AspNetCore.Http;

/// <summary>Events as the messages of an event stream; critical ones have their number as id.</summary>
internal static class StreamMessages
{
    private const int LongestNumber = 20;

    /// <summary>All events of a frame.</summary>
    public static FrameForm<byte[]> Form { get; } = new(frame =>
    {
        var buffer = new ArrayBufferWriter<byte>(frame.Length + frame.Events * 32);
        foreach (var e in frame.Critical) Write(buffer, e);
        foreach (var json in frame.Ephemeral) WriteData(buffer, json);
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

    public static void WriteData(IBufferWriter<byte> output, byte[] json)
    {
        output.Write("data: "u8);
        output.Write(json);
        output.Write("\n\n"u8);
    }
}
