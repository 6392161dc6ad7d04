using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Signatures;

/// <summary>
/// The signature of a publish as it came in, <see cref="Collab.Protocol.PublishSignature"/> on the wire. Reading never throws for what is
/// none, for a server that looks at no signatures takes the event all the same.
/// </summary>
[JsonConverter(typeof(SentSignatureConverter))]
internal sealed class SentSignature(long timestamp, string? nonce, string? value)
{
    public const int MinNonce = 16;
    public const int MaxNonce = 64;

    private const int MaxValue = 86;

    private static readonly SearchValues<char> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>One that is not what it should be.</summary>
    public static readonly SentSignature Malformed = new(0, nonce: null, value: null);

    public long Timestamp { get; } = timestamp;

    public string Nonce { get; } = nonce ?? "";

    public string Value { get; } = value ?? "";

    /// <exception cref="RefusedException"><c>invalid_event</c>: it cannot be a signature.</exception>
    public void Check()
    {
        if (Nonce.Length is < MinNonce or > MaxNonce || Value.Length is 0 or > MaxValue || !IsText(Nonce) || !IsText(Value))
        {
            throw RefusedException.Invalid(
                $"signature must be {{ timestamp, nonce, value }}: Unix milliseconds, {MinNonce} to {MaxNonce} letters, digits, - and _, "
                + "and base64url without padding.");
        }
    }

    private static bool IsText(string text) => !text.AsSpan().ContainsAnyExcept(Base64Url);
}

/// <summary>Reads <see cref="SentSignature"/> inside a hub argument or a request body.</summary>
internal sealed class SentSignatureConverter : JsonConverter<SentSignature>
{
    public override SentSignature Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    /// <summary>Reads the value that the reader stands on, to its end; null where there is none.</summary>
    public static SentSignature? ReadOrNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : Read(ref reader);

    private static SentSignature Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return SentSignature.Malformed;
        }
        var (timestamp, nonce, value) = ((long?)null, (string?)null, (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTime = Names(ref reader, "timestamp"u8, "Timestamp"u8);
            var isNonce = Names(ref reader, "nonce"u8, "Nonce"u8);
            var isValue = Names(ref reader, "value"u8, "Value"u8);
            reader.Read();
            if (isTime) timestamp = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;
            else if (isNonce) nonce = Text(ref reader);
            else if (isValue) value = Text(ref reader);
            reader.Skip();
        }
        return timestamp is { } time ? new(time, nonce, value) : SentSignature.Malformed;
    }

    public override void Write(Utf8JsonWriter writer, SentSignature value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Only clients write this.");

    /// <summary>An escaped name may be no text at all, which is said by an exception.</summary>
    private static bool Names(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> inDotNet) =>
        !reader.ValueIsEscaped && (reader.ValueTextEquals(name) || reader.ValueTextEquals(inDotNet));

    /// <summary>What has to be escaped is no part of a signature.</summary>
    private static string? Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? reader.GetString() : null;
}
