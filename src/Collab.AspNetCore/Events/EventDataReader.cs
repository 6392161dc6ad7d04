using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Collab.AspNetCore.Events;

/// <summary>Copies one JSON value token by token into compact UTF-8, and notes the first thing in it that a store cannot hold.</summary>
internal static class EventDataReader
{
    /// <summary>PostgreSQL's <c>numeric</c> ends far beyond this; a double, which is what every client has, ends at 1e308.</summary>
    private const int MaxNumberLength = 330;
    private const int MaxExponent = 400;

    /// <summary>PostgreSQL gives <c>1e308</c> back as 309 digits.</summary>
    private const int MaxWrittenOutLength = MaxNumberLength + MaxExponent;

    /// <summary>Readers of JSON, .NET's SignalR client among them, stop at 64 levels, and data is some levels deep in a message.</summary>
    private const int MaxDepth = 50;

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _threadBuffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _threadWriter;

    /// <summary>Reads the value that the reader stands on, to its end.</summary>
    public static EventData Read(ref Utf8JsonReader reader) => Read(ref reader, MaxNumberLength);

    /// <summary>Reads a JSON text, to its end.</summary>
    /// <exception cref="JsonException">It is none, or one with something behind it.</exception>
    public static EventData Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var data = Read(ref reader);
        reader.Read();
        return data;
    }

    /// <summary>The stored form back to ours: PostgreSQL's <c>jsonb</c> puts a space after every comma and colon.</summary>
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Read(ref reader, MaxWrittenOutLength).Json;
    }

    private static EventData Read(ref Utf8JsonReader reader, int maxNumberLength)
    {
        if (reader.TokenType == JsonTokenType.Null) return EventData.Empty;

        var problem = reader.TokenType == JsonTokenType.StartObject ? null : "data must be an object.";
        var buffer = _threadBuffer ??= new(1024);
        var writer = _threadWriter ??= new(buffer, WriterOptions);
        buffer.ResetWrittenCount();
        writer.Reset();
        var depth = reader.CurrentDepth;
        var zeros = 0;
        do
        {
            if (reader.TokenType == JsonTokenType.Number) CopyNumber(ref reader, writer, maxNumberLength, ref zeros, ref problem);
            else CopyToken(ref reader, writer, ref problem);
            if (Opens(reader.TokenType) && reader.CurrentDepth - depth >= MaxDepth)
                problem ??= $"data is nested more than {MaxDepth} levels deep.";
        }
        while ((Opens(reader.TokenType) || reader.CurrentDepth > depth) && reader.Read());
        writer.Flush();
        return new(buffer.WrittenSpan.ToArray(), zeros, problem);
    }

    private static bool Opens(JsonTokenType type) => type is JsonTokenType.StartObject or JsonTokenType.StartArray;

    private static void CopyToken(ref Utf8JsonReader reader, Utf8JsonWriter writer, ref string? problem)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: writer.WriteStartObject(); break;
            case JsonTokenType.EndObject: writer.WriteEndObject(); break;
            case JsonTokenType.StartArray: writer.WriteStartArray(); break;
            case JsonTokenType.EndArray: writer.WriteEndArray(); break;
            case JsonTokenType.True: writer.WriteBooleanValue(true); break;
            case JsonTokenType.False: writer.WriteBooleanValue(false); break;
            case JsonTokenType.Null: writer.WriteNullValue(); break;
            default: CopyText(ref reader, writer, ref problem); break;
        }
    }

    private static void CopyText(ref Utf8JsonReader reader, Utf8JsonWriter writer, ref string? problem)
    {
        var length = reader.HasValueSequence ? (int)reader.ValueSequence.Length : reader.ValueSpan.Length;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            ReadOnlySpan<byte> text = rented.AsSpan(0, reader.CopyString(rented));
            if (text.Contains((byte)0)) problem ??= "data has the character U+0000, which cannot be stored.";
            if (reader.TokenType == JsonTokenType.PropertyName) writer.WritePropertyName(text);
            else writer.WriteStringValue(text);
        }
        catch (InvalidOperationException)
        {
            // CopyString's way of saying: half a surrogate pair, or bytes that are not UTF-8.
            problem ??= "data has text that is not valid Unicode.";
            if (reader.TokenType == JsonTokenType.PropertyName) writer.WritePropertyName("");
            else writer.WriteStringValue("");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <param name="reader">Stands on the number.</param>
    /// <param name="writer">Where it goes.</param>
    /// <param name="maxLength">How many characters it may have.</param>
    /// <param name="zeros">How many digits more, at most, all numbers have when they are written out.</param>
    /// <param name="problem">What the store cannot hold.</param>
    private static void CopyNumber(ref Utf8JsonReader reader, Utf8JsonWriter writer, int maxLength, ref int zeros, ref string? problem)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > maxLength || !reader.TryGetDouble(out var number)
            || !double.IsFinite(number) || !TryGetExponent(ref reader, out var exponent))
        {
            problem ??= "data has a number out of range.";
            writer.WriteNumberValue(0);
            return;
        }
        zeros += Math.Abs(exponent);
        if (reader.HasValueSequence) writer.WriteRawValue(reader.ValueSequence, skipInputValidation: true);
        else writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
    }

    /// <summary>1e-99999 is a finite double, zero, but PostgreSQL would write it out digit by digit, or refuse it.</summary>
    private static bool TryGetExponent(ref Utf8JsonReader reader, out int exponent)
    {
        Span<byte> digits = stackalloc byte[MaxWrittenOutLength];
        var length = 0;
        if (reader.HasValueSequence)
        {
            reader.ValueSequence.CopyTo(digits);
            length = (int)reader.ValueSequence.Length;
        }
        else
        {
            reader.ValueSpan.CopyTo(digits);
            length = reader.ValueSpan.Length;
        }
        var e = digits[..length].IndexOfAny((byte)'e', (byte)'E');
        exponent = 0;
        return e < 0 || (int.TryParse(digits[(e + 1)..length], out exponent) && exponent is >= -MaxExponent and <= MaxExponent);
    }
}
