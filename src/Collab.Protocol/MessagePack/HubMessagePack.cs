using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// SignalR's MessagePack protocol as other bytes for what its JSON protocol says: names, ids, absent members and refusals are then the same
/// in both, and a client of either is sent the same. Nothing of it reflects, allocates by a length that was sent, or recurses as deep as
/// the sender likes.
/// </summary>
internal static class HubMessagePack
{
    private const int LongestPrefix = 5;
    private const byte EndOfJson = 0x1e;

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _threadWriter;

    /// <summary>Takes the first message off the input, if all of it is there.</summary>
    /// <param name="input">
    /// Messages of the MessagePack protocol. Begins after the message when this returns true, and is left as it is else.
    /// </param>
    /// <param name="json">Gets the message as one of the JSON protocol, at most about six times as long.</param>
    /// <param name="problem">
    /// What could not be said in JSON, and stands there as null: an extension, bytes, a number that is not finite, a key that is no string,
    /// a text that is not valid Unicode, what is nested too deeply. Null: nothing.
    /// </param>
    /// <returns>False: there is more of it to come.</returns>
    /// <exception cref="InvalidDataException">It is no message of the protocol.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, IBufferWriter<byte> json, out string? problem)
    {
        problem = null;
        if (!TryReadLength(input, out var prefix, out var length) || input.Length - prefix < length) return false;
        var message = input.Slice(prefix, length);
        input = input.Slice(message.End);
        if (message.IsSingleSegment)
        {
            problem = WriteJson(message.FirstSpan, json);
            return true;
        }
        var rented = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            message.CopyTo(rented);
            problem = WriteJson(rented.AsSpan(0, (int)length), json);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes a message of the JSON protocol as one of the MessagePack protocol.</summary>
    /// <param name="json">The whole message; the mark of its end may follow.</param>
    /// <param name="output">Gets the message with its length before it.</param>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        Span<(int Start, int Length)> members = stackalloc (int, int)[HubMessageLayout.Names.Length];
        FindMembers(json, members);
        var type = new Utf8JsonReader(Of(members[HubMessageLayout.Type], json));
        type.Read();
        var writer = new MessagePackWriter(json.Length);
        try
        {
            Write(type.GetInt32(), json, members, ref writer);
            WritePrefix(writer.Written.Length, output);
            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static string? WriteJson(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        var json = _threadWriter ??= new(output, WriterOptions);
        json.Reset(output);
        var values = new MessagePackToJson(new(message), json);
        WriteMessage(ref values, json);
        json.Flush();
        output.Write([EndOfJson]);
        return values.Problem;
    }

    private static void WriteMessage(ref MessagePackToJson values, Utf8JsonWriter json)
    {
        var (array, type) = (values.Read(), values.Read());
        if (array.Kind != MessagePackKind.Array || type is not { Kind: MessagePackKind.Integer, Bits: > 0 and <= byte.MaxValue })
            throw new InvalidDataException("A message is an array that begins with its type.");
        var left = array.Bits - 1;
        json.WriteStartObject();
        json.WriteNumber(HubMessageLayout.Names[HubMessageLayout.Type], type.Bits);
        foreach (var member in HubMessageLayout.Of(type.Bits))
        {
            if (left-- > 0) WriteMember(member, ref values, json);
        }
        if (type.Bits == HubMessageLayout.Completion) WriteOutcome(ref values, json);
        json.WriteEndObject();
    }

    private static void WriteMember(int member, ref MessagePackToJson values, Utf8JsonWriter json)
    {
        var value = values.Read();
        var isAbsent = value.Kind == MessagePackKind.Nil
            ? member is not (HubMessageLayout.Item or HubMessageLayout.Result)
            : member is HubMessageLayout.Headers or HubMessageLayout.StreamIds
                && value is { Kind: MessagePackKind.Array or MessagePackKind.Map, Bits: 0 };
        if (isAbsent) return;
        json.WritePropertyName(HubMessageLayout.Names[member]);
        values.Write(value, depth: 1);
    }

    private static void WriteOutcome(ref MessagePackToJson values, Utf8JsonWriter json)
    {
        var outcome = values.Read();
        if (outcome.Kind != MessagePackKind.Integer) throw new InvalidDataException("A completion says what it has by a number.");
        if (outcome.Bits == HubMessageLayout.HasError) WriteMember(HubMessageLayout.Error, ref values, json);
        else if (outcome.Bits == HubMessageLayout.HasResult) WriteMember(HubMessageLayout.Result, ref values, json);
    }

    private static void Write(int type, ReadOnlySpan<byte> json, scoped ReadOnlySpan<(int, int)> members, ref MessagePackWriter writer)
    {
        var layout = HubMessageLayout.Of(type);
        if (type != HubMessageLayout.Completion)
        {
            writer.WriteArrayHeader(1 + layout.Length);
            writer.WriteInteger(type);
            foreach (var member in layout) WriteMember(member, json, members, ref writer);
            return;
        }
        var (outcome, value) = members[HubMessageLayout.Error] is not (_, 0) ? (HubMessageLayout.HasError, HubMessageLayout.Error)
            : members[HubMessageLayout.Result] is not (_, 0) ? (HubMessageLayout.HasResult, HubMessageLayout.Result)
            : (HubMessageLayout.HasNothing, 0);
        writer.WriteArrayHeader(2 + layout.Length + (outcome == HubMessageLayout.HasNothing ? 0 : 1));
        writer.WriteInteger(type);
        foreach (var member in layout) WriteMember(member, json, members, ref writer);
        writer.WriteInteger(outcome);
        if (outcome != HubMessageLayout.HasNothing) WriteMember(value, json, members, ref writer);
    }

    private static void WriteMember(
        int member, ReadOnlySpan<byte> json, scoped ReadOnlySpan<(int, int)> members, ref MessagePackWriter writer)
    {
        if (members[member] is (_, 0))
        {
            writer.WriteCode(member switch
            {
                HubMessageLayout.Headers => MessagePackCode.FixMap,
                HubMessageLayout.StreamIds => MessagePackCode.FixArray,
                HubMessageLayout.AllowReconnect => MessagePackCode.False,
                _ => MessagePackCode.Nil,
            });
            return;
        }
        // As deep as the application's own JSON is, which was written by this process.
        var value = new Utf8JsonReader(Of(members[member], json), new JsonReaderOptions { MaxDepth = 1000 });
        value.Read();
        writer.Write(ref value);
    }

    /// <summary>Finds where each member is in the message; of no length are those that it has not.</summary>
    private static void FindMembers(ReadOnlySpan<byte> json, Span<(int Start, int Length)> members)
    {
        members.Clear();
        var reader = new Utf8JsonReader(json.TrimEnd(EndOfJson), new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = 0;
            while (member < members.Length && !reader.ValueTextEquals(HubMessageLayout.Names[member].EncodedUtf8Bytes)) member++;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (member < members.Length) members[member] = (start, (int)reader.BytesConsumed - start);
        }
    }

    private static ReadOnlySpan<byte> Of((int Start, int Length) member, ReadOnlySpan<byte> json) =>
        json.Slice(member.Start, member.Length);

    private static bool TryReadLength(ReadOnlySequence<byte> input, out int prefix, out long length)
    {
        Span<byte> bytes = stackalloc byte[LongestPrefix];
        var known = (int)Math.Min(LongestPrefix, input.Length);
        input.Slice(0, known).CopyTo(bytes);
        (prefix, length) = (0, 0);
        while (prefix < known)
        {
            length |= (long)(bytes[prefix] & 0x7f) << (7 * prefix);
            if (bytes[prefix++] < 0x80) return length <= int.MaxValue ? true : throw TooLong();
        }
        return known < LongestPrefix ? false : throw TooLong();
    }

    private static InvalidDataException TooLong() => new("The message says that it has more than 2 GB.");

    private static void WritePrefix(int length, IBufferWriter<byte> output)
    {
        var to = output.GetSpan(LongestPrefix);
        var written = 0;
        for (var rest = (uint)length; ; rest >>= 7)
        {
            to[written++] = (byte)(rest < 0x80 ? rest : 0x80 | (rest & 0x7f));
            if (rest < 0x80) break;
        }
        output.Advance(written);
    }
}
