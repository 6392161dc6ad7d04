using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Collab.Hostile.Inputs;

/// <summary>Makes inputs out of others. All that it does is decided by one seed.</summary>
internal sealed class Mutator(int seed)
{
    private const int Longest = 20_000;

    /// <summary>JSON values that have troubled readers of JSON, stores and clients before.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "1.5", "1e999", "-1e999", "1e-999", "9007199254740993", "2147483648", "-2147483649",
        "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999", "0.1e1", "1E+99999999999",
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\\"\"", "\"\\\\\"", "\"\\u001e\"", "\"\\r\\n\"",
        "\"__proto__\"", "\"constructor\"", "\"*\"", "\"RUN\"", "\"INNOCENT\"", "\"GRAFT\"", "\"PRUNE\"", "\"FLAG\"", "\"CURSOR_MOVE\"", "\"USER_JOIN\"",
        "\"RUN\\u005fEND\"", "\"ENDED\"", "\"COPY\"", "\"COMMENT\"", "\"TYPING\"", "\"graft\"", "\"00000000-0000-0000-0000-000000000000\"", "\"0198c0de-0000-7000-8000-000000000001\"",
        "\"'; DROP TABLE collaboration_runs; --\"", "\"%00\"", "\"../..\"", "\"\u202e\"", "\"\uffff\"", "\"JoinRun\"", "\"Ping\"", "\"RefuseCall\"",
        "\"JoinRunUnanswered\"", "\"PublishBatch\"", "\"OnDisconnectedAsync\"", "\"Dispose\"", "[]", "{}", "[[]]", "[null]", "[1,2,3]", "{\"\":1}", "{\"a\":{\"b\":[]}}",
        "{\"after\":\"A\",\"agentName\":\"x\"}", "{\"stepId\":\"S\",\"isPruned\":true}", "{\"eventType\":\"FLAG\",\"data\":{\"stepId\":\"S\"},\"messageId\":null}",
        "[{\"eventType\":\"FLAG\",\"data\":{\"stepId\":\"S\"}}]", "DEEP", "LONG", "WIDE", "DIGITS",
    ];

    private static readonly byte[][] Snippets =
    [
        [0x1e], [0], [0xff], [0xc1], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xf4, 0x90, 0x80, 0x80], .. ((string[])["\r\n", "\r\n\r\n", ",", ":", "{", "}", "[", "]", "\"", "\\", "\\u0000", "\\ud800", "null", "NaN", "-", "e", "%00", "%", "+", "//", "..", "?", "&", "#", ";", "=", "\t"]).Select(Encoding.UTF8.GetBytes),
        [0xdf, 0xff, 0xff, 0xff, 0xff], [0xdd, 0x7f, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff], [0xd4, 0xff, 0], [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
    ];

    public Random Random { get; } = new(seed);

    public bool Chance(double of) => Random.NextDouble() < of;

    public T Of<T>(IReadOnlyList<T> some) => some[Random.Next(some.Count)];

    /// <summary>One of these, changed in one or a few places.</summary>
    /// <param name="corpus">What to begin with.</param>
    /// <param name="asJson">Whether what is changed are mostly values and names of JSON.</param>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus, bool asJson)
    {
        var input = Of(corpus);
        if (Chance(0.02)) return input;
        do
        {
            input = asJson && Chance(0.8) ? ChangeJson(input) : ChangeBytes(input, corpus);
        }
        while (Chance(0.5));
        return input.Length <= Longest ? input : input[..Longest];
    }

    /// <summary>Exchanges a value or a name, doubles or drops one.</summary>
    public byte[] ChangeJson(byte[] json)
    {
        var tokens = Tokens(json);
        if (tokens.Count == 0) return ChangeBytes(json, [json]);
        var (start, length, isName) = Of(tokens);
        var end = start + length;
        if (Chance(0.1)) return [.. json[..start], .. json[start..end], .. ","u8, .. json[start..end], .. json[end..]];
        if (Chance(0.1)) return [.. json[..start], .. json[end..]];
        if (Chance(0.2) && Of(tokens) is var (from, much, _)) return [.. json[..start], .. json[from..(from + much)], .. json[end..]];
        var value = isName ? Name() : Value();
        return [.. json[..start], .. Encoding.UTF8.GetBytes(value), .. json[end..]];
    }

    public string Value() => Of(Values) switch
    {
        "DEEP" => Deep(),
        "LONG" => $"\"{new string('x', Random.Next(1, 17_000))}\"",
        "WIDE" => $"[{string.Join(',', Enumerable.Repeat("1", Random.Next(1, 2_000)))}]",
        "DIGITS" => new string('7', Random.Next(20, 400)),
        var value => value,
    };

    /// <summary>Changes bytes, whatever they mean.</summary>
    public byte[] ChangeBytes(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        if (input.Length == 0) return Of(Snippets);
        var at = Random.Next(input.Length);
        var length = Random.Next(1, Math.Min(input.Length - at, Chance(0.7) ? 8 : 4096) + 1);
        var changed = input.ToArray();
        switch (Random.Next(10))
        {
            case 0:
                changed[at] ^= (byte)(1 << Random.Next(8));
                return changed;
            case 1:
                changed[at] = (byte)Random.Next(256);
                return changed;
            case 2:
                Random.NextBytes(changed.AsSpan(at, length));
                return changed;
            case 3:
                return [.. input[..at], .. input[(at + length)..]];
            case 4:
                return [.. input[..(at + length)], .. input[at..]];
            case 5:
                return input[..at];
            case 6:
                return [.. input[..at], .. Of(Snippets), .. input[at..]];
            case 7:
                var other = Of(corpus);
                return [.. input[..at], .. other[Random.Next(other.Length + 1)..]];
            case 8 when input.Length >= 8:
                var place = Random.Next(input.Length - 7);
                BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(place), Of<long>([0, 1, -1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 40]));
                return changed;
            default:
                changed[at] = Of<byte>([0, 1, 0x7f, 0x80, 0xff, (byte)' ', (byte)'"', (byte)'0']);
                return changed;
        }
    }

    private static List<(int Start, int Length, bool IsName)> Tokens(byte[] json)
    {
        var tokens = new List<(int, int, bool)>();
        var open = new Stack<(int, bool)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 200, AllowTrailingCommas = true });
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) open.Push((start, false));
                else if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject) tokens.Add((open.Peek().Item1, (int)reader.BytesConsumed - open.Pop().Item1, false));
                else tokens.Add((start, LengthOf(json[start], reader.ValueSpan), reader.TokenType == JsonTokenType.PropertyName));
            }
        }
        catch (JsonException)
        {
            // As far as it is JSON.
        }
        return tokens;
    }

    /// <summary>A token's length with its quotes; of a name without what follows it.</summary>
    private static int LengthOf(byte first, ReadOnlySpan<byte> value) => first == (byte)'"' ? value.Length + 2 : value.Length;

    private string Name() => Chance(0.3)
        ? Of(Values.Where(value => value.StartsWith('"')).ToArray())
        : Of(["\"after\"", "\"agentName\"", "\"stepId\"", "\"isPruned\"", "\"nodeId\"", "\"eventType\"", "\"data\"", "\"messageId\"", "\"events\"", "\"atomic\"", "\"type\"", "\"target\"", "\"arguments\"", "\"invocationId\"", "\"streamIds\"", "\"headers\"", "\"EVENTTYPE\"", "\"basedOnSequence\"", "\"from\"", "\"atSequence\"", "\"runId\"", "\"outcome\"", "\"signature\""]);

    private string Deep()
    {
        var depth = Random.Next(1, 300);
        return Chance(0.5)
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }
}
