using System.Text.Unicode;
using Collab.Cli.Options;

namespace Collab.Cli.Publish;

/// <summary>Reads a file of events, one a line, and checks each line.</summary>
internal static class EventFile
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    /// <summary>Reads all of it; empty lines are left out, and count.</summary>
    /// <param name="path">Where it is; <c>-</c>: standard input.</param>
    /// <param name="run">Where its events go.</param>
    /// <param name="batch">What tells apart the ids of the same lines that are published twice on purpose.</param>
    /// <exception cref="UsageException">It cannot be read, or a line is no event: the message names it.</exception>
    public static List<EventLine> Read(string path, Guid run, string batch) => Parse(ReadBytes(path), run, batch);

    internal static List<EventLine> Parse(ReadOnlySpan<byte> text, Guid run, string batch)
    {
        if (text.StartsWith(ByteOrderMark)) text = text[ByteOrderMark.Length..];
        var lines = new List<EventLine>();
        var numbers = new Dictionary<Guid, int>();
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty) continue;
            var read = Parse(line.ToArray(), number, run, batch);
            if (!numbers.TryAdd(read.Request.MessageId!.Value, number))
                throw Bad(number, $"line {numbers[read.Request.MessageId.Value]} has the same messageId.");
            lines.Add(read);
        }
        return lines;
    }

    private static EventLine Parse(byte[] line, int number, Guid run, string batch)
    {
        try
        {
            if (!Utf8.IsValid(line)) throw new FormatException("it is not UTF-8.");
            return EventLine.Parse(number, line, () => EventLine.IdOf(run, batch, number, line));
        }
        catch (FormatException e)
        {
            throw Bad(number, e.Message);
        }
    }

    private static UsageException Bad(int number, string what) => new($"Line {number}: {what} Nothing was published.");

    private static byte[] ReadBytes(string path)
    {
        if (path == "-") return StandardInput.ReadBytes();
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"The file cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }
}
