using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// A state in the one form of which its fingerprint is made: the same bytes in every language, whatever a store or a transport has made of
/// the order of fields and the form of numbers. A number is the bits of its double, for that is what all of them have of it, and no two
/// write one alike.
/// </summary>
internal sealed class CanonicalForm
{
    [ThreadStatic]
    private static CanonicalForm? _ofThread;

    private readonly ArrayBufferWriter<byte> _output = new(1024);

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public void Clear() => _output.ResetWrittenCount();

    /// <summary>An empty one, for the caller until it is asked for again on the same thread.</summary>
    public static CanonicalForm OfThread()
    {
        var form = _ofThread ??= new();
        form.Clear();
        return form;
    }

    /// <summary>An event as it is signed. What it begins with keeps it from being taken for anything else that is.</summary>
    public void Write(in SignedEvent e, string? previous)
    {
        Text("collab.event.1");
        Mark('{');
        Text("data");
        Value(e.Data);
        Member("epoch", e.Epoch);
        Member("eventType", e.EventType);
        Member("messageId", e.MessageId);
        Optional("previous", previous);
        Member("runId", e.RunId);
        Number("sequenceNumber", e.Sequence);
        Number("timestamp", e.Timestamp);
        Member("userId", e.UserId);
        Optional("userName", e.UserName);
        Mark('}');
    }

    /// <summary>A publish as its user's client signs it.</summary>
    public void Write(in SignedPublish publish, long timestamp, string nonce)
    {
        Text("collab.publish.1");
        Mark('{');
        Text("basedOnSequence");
        if (publish.BasedOnSequence is { } basedOn) Number(basedOn);
        else Mark('n');
        Text("data");
        Value(publish.Data);
        Member("eventType", publish.EventType);
        Member("messageId", publish.MessageId);
        Member("nonce", nonce);
        Member("runId", publish.RunId);
        Number("timestamp", timestamp);
        Member("userId", publish.UserId);
        Mark('}');
    }

    /// <summary>What a user's secret is made of.</summary>
    public void WriteClient(string userId)
    {
        Text("collab.client.1");
        Mark('{');
        Member("userId", userId);
        Mark('}');
    }

    /// <summary>The state that trimmed events have left, as it is signed.</summary>
    public void Write(Guid runId, Guid epoch, long sequence, JsonElement state, string? previous)
    {
        Text("collab.state.1");
        Mark('{');
        Member("epoch", epoch);
        Optional("previous", previous);
        Member("runId", runId);
        Number("sequenceNumber", sequence);
        Text("state");
        Value(state);
        Mark('}');
    }

    public void Write(RunState state)
    {
        Mark('{');
        Number("asOfSequence", state.AsOfSequence);
        if (state.Ended)
        {
            Text("ended");
            Mark('t');
        }
        Text("flags");
        Map(state.Flags, flag =>
        {
            Optional("note", flag.Note);
            Number("sequenceNumber", flag.SequenceNumber);
            Member("userId", flag.UserId);
        });
        Text("grafts");
        Map(state.Grafts, graft =>
        {
            Member("agentName", graft.AgentName);
            Number("sequenceNumber", graft.SequenceNumber);
            Member("userId", graft.UserId);
        });
        if (state.LatestBy is { Count: > 0 } fields) Latest(fields, state.Latest);
        Text("prunedSteps");
        Mark('[');
        foreach (var step in state.PrunedSteps) Text(step);
        Mark(']');
        Mark('}');
    }

    private void Latest(
        IReadOnlyDictionary<string, string> fields, IReadOnlyDictionary<string, IReadOnlyDictionary<string, LatestEntry>>? latest)
    {
        Text("latest");
        Mark('{');
        foreach (var type in fields.Keys.Order(StringComparer.Ordinal))
        {
            Text(type);
            Map(latest?.GetValueOrDefault(type) ?? new Dictionary<string, LatestEntry>(), entry =>
            {
                Text("data");
                Value(entry.Data);
                Number("sequenceNumber", entry.SequenceNumber);
                Member("userId", entry.UserId);
            });
        }
        Mark('}');
        Text("latestBy");
        Mark('{');
        foreach (var (type, field) in fields.OrderBy(f => f.Key, StringComparer.Ordinal)) Member(type, field);
        Mark('}');
    }

    private void Map<T>(IReadOnlyDictionary<string, T> map, Action<T> fields)
    {
        Mark('{');
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Text(key);
            Mark('{');
            fields(value);
            Mark('}');
        }
        Mark('}');
    }

    private void Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Object(value);
                break;
            case JsonValueKind.Array:
                Mark('[');
                foreach (var element in value.EnumerateArray()) Value(element);
                Mark(']');
                break;
            case JsonValueKind.String:
                Text(value.GetString()!);
                break;
            case JsonValueKind.Number:
                Number(value.GetDouble());
                break;
            default:
                Mark(value.ValueKind == JsonValueKind.True ? 't' : value.ValueKind == JsonValueKind.False ? 'f' : 'n');
                break;
        }
    }

    /// <summary>Of fields with one name the last counts.</summary>
    private void Object(JsonElement value)
    {
        var fields = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject()) fields[field.Name] = field.Value;
        Mark('{');
        foreach (var (name, field) in fields)
        {
            Text(name);
            Value(field);
        }
        Mark('}');
    }

    private void Member(string name, string value)
    {
        Text(name);
        Text(value);
    }

    private void Member(string name, Guid value) => Member(name, value.ToString());

    private void Optional(string name, string? value)
    {
        Text(name);
        if (value is not null) Text(value);
        else Mark('n');
    }

    private void Number(string name, long value)
    {
        Text(name);
        Number((double)value);
    }

    private void Number(double value)
    {
        // Stores and transports differ on the sign of zero.
        var bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0 : value);
        var to = _output.GetSpan(17);
        to[0] = (byte)'d';
        bits.TryFormat(to[1..], out _, "x16", CultureInfo.InvariantCulture);
        _output.Advance(17);
    }

    private void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var to = _output.GetSpan(length + 12);
        to[0] = (byte)'s';
        length.TryFormat(to[1..], out var digits, provider: CultureInfo.InvariantCulture);
        to[1 + digits] = (byte)':';
        Encoding.UTF8.GetBytes(text, to[(2 + digits)..]);
        _output.Advance(2 + digits + length);
    }

    private void Mark(char mark)
    {
        _output.GetSpan(1)[0] = (byte)mark;
        _output.Advance(1);
    }
}
