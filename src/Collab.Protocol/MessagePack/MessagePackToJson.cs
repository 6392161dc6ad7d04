using System.Text.Json;
using System.Text.Unicode;

namespace Collab.Protocol;

/// <summary>
/// Writes MessagePack as JSON. What JSON has nothing like becomes null, and the first such thing is noted: data that means something else
/// than what was sent must be refused.
/// </summary>
/// <param name="input">Where the values are read from.</param>
/// <param name="json">Where they are written to.</param>
internal ref struct MessagePackToJson(MessagePackReader input, Utf8JsonWriter json)
{
    /// <summary>What is nested more deeply than any reader of JSON would take is not written; it is refused anyway.</summary>
    public const int MaxDepth = 60;

    private MessagePackReader _input = input;

    /// <summary>The first thing that cannot be said in JSON; null: there is none.</summary>
    public string? Problem { get; private set; }

    public MessagePackToken Read() => _input.Read();

    public ReadOnlySpan<byte> Take(int length) => _input.Take(length);

    public void Skip(MessagePackToken value) => _input.Skip(value);

    /// <summary>Writes a value whose beginning was read.</summary>
    /// <param name="value">The beginning.</param>
    /// <param name="depth">In how many containers it is.</param>
    /// <exception cref="InvalidDataException">Not all of it is there.</exception>
    public void Write(MessagePackToken value, int depth)
    {
        switch (value.Kind)
        {
            case MessagePackKind.Nil: json.WriteNullValue(); break;
            case MessagePackKind.Boolean: json.WriteBooleanValue(value.Bits != 0); break;
            case MessagePackKind.Integer: json.WriteNumberValue(value.Bits); break;
            case MessagePackKind.LargeInteger: json.WriteNumberValue((ulong)value.Bits); break;
            case MessagePackKind.Single: WriteSingle(BitConverter.Int32BitsToSingle((int)value.Bits)); break;
            case MessagePackKind.Double: WriteDouble(BitConverter.Int64BitsToDouble(value.Bits)); break;
            case MessagePackKind.String: json.WriteStringValue(Text(value)); break;
            case MessagePackKind.Array or MessagePackKind.Map when depth < MaxDepth: WriteContainer(value, depth + 1); break;
            default: WriteNothing(value); break;
        }
    }

    private void WriteContainer(MessagePackToken container, int depth)
    {
        if (container.Kind == MessagePackKind.Array)
        {
            json.WriteStartArray();
            for (var i = 0L; i < container.Bits; i++) Write(_input.Read(), depth);
            json.WriteEndArray();
            return;
        }
        json.WriteStartObject();
        for (var i = 0L; i < container.Bits; i++)
        {
            WriteName(_input.Read());
            Write(_input.Read(), depth);
        }
        json.WriteEndObject();
    }

    private void WriteName(MessagePackToken key)
    {
        if (key.Kind == MessagePackKind.String)
        {
            json.WritePropertyName(Text(key));
            return;
        }
        Problem ??= "A key of a map must be a string.";
        _input.Skip(key);
        json.WritePropertyName(""u8);
    }

    private ReadOnlySpan<byte> Text(MessagePackToken text)
    {
        var bytes = _input.Take(text.Length);
        if (Utf8.IsValid(bytes)) return bytes;
        Problem ??= "A text is not valid Unicode.";
        return [];
    }

    /// <summary>As short as it was before it became one: 0.1 and not 0.10000000149011612.</summary>
    private void WriteSingle(float number)
    {
        if (float.IsFinite(number)) json.WriteNumberValue(number);
        else WriteNoNumber();
    }

    private void WriteDouble(double number)
    {
        if (double.IsFinite(number)) json.WriteNumberValue(number);
        else WriteNoNumber();
    }

    private void WriteNoNumber()
    {
        Problem ??= "A number is not finite.";
        json.WriteNullValue();
    }

    private void WriteNothing(MessagePackToken value)
    {
        Problem ??= value.Kind == MessagePackKind.Foreign
            ? "Bytes, timestamps and other extensions of MessagePack have no form in JSON."
            : $"The call is nested more than {MaxDepth} levels deep.";
        _input.Skip(value);
        json.WriteNullValue();
    }
}
