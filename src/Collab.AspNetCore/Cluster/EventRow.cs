using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// Events of one run that follow each other, on their way into one message: each one's length, then the bytes that clients see.
/// </summary>
internal sealed class EventRow
{
    /// <summary>What every event begins with, up to the run's id.</summary>
    private static readonly byte[] Prefix = "{\"runId\":\""u8.ToArray();

    public Guid Epoch { get; private set; }

    public long First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Whether the bytes of all of them are here.</summary>
    public bool HasAll { get; private set; } = true;

    public ArrayBufferWriter<byte> Bytes { get; } = new();

    public bool Follows(Guid epoch, long sequence) => Count > 0 && epoch == Epoch && sequence == First + Count;

    public void Begin(Guid epoch, long sequence)
    {
        Clear();
        (Epoch, First) = (epoch, sequence);
    }

    public void Add(byte[] json, bool withBytes)
    {
        Count++;
        if (!withBytes) HasAll = false;
        if (!HasAll) return;
        BinaryPrimitives.WriteInt32LittleEndian(Bytes.GetSpan(4), json.Length);
        Bytes.Advance(4);
        Bytes.Write(json);
    }

    public void Clear()
    {
        (Count, HasAll) = (0, true);
        Bytes.ResetWrittenCount();
    }

    /// <summary>Reads the events of a message.</summary>
    /// <exception cref="InvalidDataException">It is not what it says.</exception>
    public static Commit[] Read(in Envelope envelope)
    {
        var body = envelope.Body;
        if (envelope.Count is < 0 or > 100_000) throw new InvalidDataException("The number of events makes no sense.");
        var commits = new List<Commit>(Math.Min(envelope.Count, 1024));
        var run = Encoding.ASCII.GetBytes(envelope.RunId.ToString());
        while (commits.Count < envelope.Count)
        {
            if (body.Length < 4) throw new InvalidDataException("An event is missing.");
            var length = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (length < 0 || length > body.Length - 4) throw new InvalidDataException("The length of an event makes no sense.");
            var json = body.Slice(4, length).ToArray();
            body = body[(4 + length)..];
            if (!IsOf(run, json)) throw new InvalidDataException("An event is of another run.");
            if (!ForeignJson.IsLine(json)) throw new InvalidDataException("An event is no line of text.");
            commits.Add(new(envelope.RunId, envelope.Epoch, Parse(json, envelope.First + commits.Count)));
        }
        return [.. commits];
    }

    private static bool IsOf(byte[] run, byte[] json) =>
        json.AsSpan().StartsWith(Prefix) && json.AsSpan(Prefix.Length).StartsWith(run);

    private static LoggedEvent Parse(byte[] json, long sequence)
    {
        try
        {
            var e = LoggedEvent.FromJson(json);
            return e.Sequence == sequence ? e : throw new InvalidDataException("An event has another number.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("An event is no JSON.", e);
        }
    }
}
