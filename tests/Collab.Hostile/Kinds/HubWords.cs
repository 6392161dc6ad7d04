using System.Text;
using System.Text.Json;
using Collab.Hostile.Inputs;
using MessagePack;

namespace Collab.Hostile.Kinds;

/// <summary>Messages to the hub, made of those of the corpus, as one of its two protocols has them.</summary>
internal sealed class HubWords(bool isBinary)
{
    public const byte RecordSeparator = 0x1e;

    private static readonly IReadOnlyList<byte[]> Json = Corpus.Texts("hub.jsonl");

    /// <summary>The same as MessagePack has them: an array whose places have a meaning.</summary>
    private static readonly IReadOnlyList<byte[]> Arrays = [.. Json.Select(ToArray)];

    private static readonly IReadOnlyList<byte[]> Packed = [.. Arrays.Select(Pack).OfType<byte[]>()];

    /// <summary>One message, framed as the protocol wants it, whatever it holds.</summary>
    /// <param name="mutator">Decides.</param>
    /// <param name="spell">Puts ids in the places of names.</param>
    public byte[] Framed(Mutator mutator, Func<string, string> spell)
    {
        if (!isBinary) return [.. Spell(mutator.Mutate(Json, asJson: true), spell), RecordSeparator];
        var packed = mutator.Chance(0.6) ? Pack(Spell(mutator.Mutate(Arrays, asJson: true), spell)) : null;
        packed ??= SpellPacked(mutator, spell);
        return [.. Length(packed.Length), .. packed];
    }

    /// <summary>Bytes in the place of one message or several.</summary>
    public byte[] Raw(Mutator mutator, Func<string, string> spell)
    {
        var framed = Enumerable.Range(0, mutator.Random.Next(1, 4)).SelectMany(_ => Framed(mutator, spell)).ToArray();
        return mutator.ChangeBytes(framed, [framed]);
    }

    /// <summary>A call whose answer shows that what came before it was read.</summary>
    public byte[] Ping(string id) => isBinary
        ? Frame(Pack(Encoding.UTF8.GetBytes($$"""[1,{},"{{id}}","Ping",[1,null],[]]"""))!)
        : [.. Encoding.UTF8.GetBytes($$"""{"type":1,"invocationId":"{{id}}","target":"Ping","arguments":[1,null]}"""), RecordSeparator];

    public byte[] Handshake => [.. Encoding.UTF8.GetBytes($$"""{"protocol":"{{(isBinary ? "messagepack" : "json")}}","version":1}"""), RecordSeparator];

    /// <summary>What one WebSocket message of the server's holds, each as JSON; of MessagePack what is looked at.</summary>
    public IEnumerable<JsonElement> Read(byte[] message)
    {
        if (!isBinary) return Encoding.UTF8.GetString(message).Split((char)RecordSeparator, StringSplitOptions.RemoveEmptyEntries).Select(r => JsonElement.Parse(r));
        var all = new List<JsonElement>();
        for (var rest = message.AsMemory(); rest.Length > 0;)
        {
            var (length, at) = (0, 0);
            for (var more = true; more; at++)
            {
                length |= (rest.Span[at] & 0x7f) << (7 * at);
                more = rest.Span[at] >= 0x80;
            }
            all.Add(PartsOf(new MessagePackReader(rest.Slice(at, length))));
            rest = rest[(at + length)..];
        }
        return all;
    }

    /// <summary>Of a message what is looked at: its type, its id, and why it was refused or the connection ended.</summary>
    private static JsonElement PartsOf(MessagePackReader reader)
    {
        reader.ReadArrayHeader();
        var type = reader.ReadInt32();
        string? id = null, error = null;
        if (type == 3)
        {
            reader.Skip();
            id = reader.ReadString();
            if (reader.ReadInt32() == 1) error = reader.ReadString();
        }
        else if (type == 7) error = reader.ReadString();
        return JsonSerializer.SerializeToElement(new { type, invocationId = id, error });
    }

    private static byte[] Spell(byte[] text, Func<string, string> spell)
    {
        // Bytes that are no text stay what they are.
        var latin = Encoding.Latin1.GetString(text);
        var spelt = spell(latin);
        return ReferenceEquals(spelt, latin) ? text : Encoding.Latin1.GetBytes(spelt);
    }

    private static byte[] SpellPacked(Mutator mutator, Func<string, string> spell)
    {
        // The ids are longer than their names, so they come first.
        var spelt = mutator.Of(Arrays);
        var packed = Pack(Spell(spelt, spell))!;
        return mutator.ChangeBytes(packed, Packed);
    }

    private static byte[] ToArray(byte[] message)
    {
        var json = JsonElement.Parse(message);
        string Of(string name, string otherwise) => json.TryGetProperty(name, out var value) ? value.GetRawText() : otherwise;
        var text = Of("type", "1") switch
        {
            "1" or "4" => $"[{Of("type", "1")},{{}},{Of("invocationId", "null")},{Of("target", "\"Ping\"")},{Of("arguments", "[]")},{Of("streamIds", "[]")}]",
            "2" => $"[2,{{}},{Of("invocationId", "\"1\"")},{Of("item", "1")}]",
            "3" => $"[3,{{}},{Of("invocationId", "\"1\"")},3,{Of("result", "1")}]",
            "5" => $"[5,{{}},{Of("invocationId", "\"1\"")}]",
            "7" => $"[7,{Of("error", "null")},true]",
            var type => $"[{type}]",
        };
        return Encoding.UTF8.GetBytes(text);
    }

    private static byte[]? Pack(byte[] json)
    {
        try
        {
            return MessagePackSerializer.ConvertFromJson(Encoding.UTF8.GetString(json));
        }
        catch (Exception e) when (e is MessagePackSerializationException or TinyJsonException or FormatException or OverflowException or EndOfStreamException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Frame(byte[] packed) => [.. Length(packed.Length), .. packed];

    private static IEnumerable<byte> Length(int length)
    {
        for (; length >= 0x80; length >>= 7) yield return (byte)(length | 0x80);
        yield return (byte)length;
    }
}
