using System.Buffers;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>
/// An answer with a run's events in it, of which there may be megabytes. All who ask share them, so they are written from where they are,
/// piece by piece: a client that reads slowly, or never, then holds a piece and not a copy of them all.
/// </summary>
internal abstract class EventsJson(ReadOnlyMemory<LoggedEvent> events) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var eventBytes = LengthOf(events.Span);
        // What is a piece at most leaves at once, and a copy of it is what would be waited for anyway.
        var isSmall = eventBytes <= PacedBody.PieceBytes;
        var buffer = new ArrayBufferWriter<byte>();
        var endOfEvents = WriteTo(buffer, isSmall ? events.Span : []);
        var body = RawJson.Begin(httpContext, isSmall ? buffer.WrittenCount : buffer.WrittenCount + eventBytes);
        try
        {
            if (isSmall) await body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
            else await WriteAsync(
                body, buffer.WrittenMemory[..endOfEvents], buffer.WrittenMemory[endOfEvents..], httpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
    }

    /// <summary>Writes the properties before the events.</summary>
    protected abstract void WriteBefore(Utf8JsonWriter json);

    /// <summary>Writes the properties after the events.</summary>
    protected abstract void WriteAfter(Utf8JsonWriter json);

    /// <summary>How long the events are with the commas between them.</summary>
    private static long LengthOf(ReadOnlySpan<LoggedEvent> events)
    {
        var length = Math.Max(0L, events.Length - 1);
        foreach (var e in events) length += e.Json.Length;
        return length;
    }

    /// <summary>Writes the answer with these events.</summary>
    /// <returns>Where the array of events ends: its bracket is the next byte.</returns>
    private int WriteTo(ArrayBufferWriter<byte> buffer, ReadOnlySpan<LoggedEvent> events)
    {
        using var json = new Utf8JsonWriter(buffer, RawJson.Options);
        json.WriteStartObject();
        WriteBefore(json);
        RunViewJson.WriteEvents(json, events);
        var endOfEvents = (int)(json.BytesCommitted + json.BytesPending) - 1;
        WriteAfter(json);
        json.WriteEndObject();
        return endOfEvents;
    }

    private async ValueTask WriteAsync(
        PacedBody body, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken)
    {
        body.Write(before.Span);
        for (var i = 0; i < events.Length; i++)
        {
            if (i > 0) body.Write(","u8);
            body.Write(events.Span[i].Json);
            if (!await body.FlushPieceAsync(cancellationToken)) return;
        }
        await body.WriteAsync(after, cancellationToken);
    }
}
