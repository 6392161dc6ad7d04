using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>What a publisher sent is stored as it came, and what a store cannot hold is refused before it can reach a batch.</summary>
public sealed class EventDataTests
{
    private static readonly EventType AnyType = new("COMMENT", IsCritical: true, EventSender.Writer);

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("null", "{}")]
    [InlineData("""{ "a" : [ 1 , { "b" : null } ] , "c" : true, "d": false }""", """{"a":[1,{"b":null}],"c":true,"d":false}""")]
    [InlineData("""{"further":{"deeply":{"nested":[[]]}},"after":"PM"}""", """{"further":{"deeply":{"nested":[[]]}},"after":"PM"}""")]
    [InlineData("""{"n":[1.50,1E5,-0,0.1e-7,12345678901234567890.123,1e308,1e-400]}""", """{"n":[1.50,1E5,-0,0.1e-7,12345678901234567890.123,1e308,1e-400]}""")]
    [InlineData("""{"t":"\u00fc\ud83d\ude00 \"\\\n<>&'+"}""", """{"t":"ü\uD83D\uDE00 \"\\\n<>&'+"}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":1,"a":2}""")]
    [InlineData("""{"\u0061\"":""}""", """{"a\"":""}""")]
    public void Data_is_kept_as_it_came_without_white_space(string sent, string kept)
    {
        var data = Read(sent);

        data.Check(AnyType, maxBytes: 0);
        Assert.Equal(kept, Encoding.UTF8.GetString(data.Json));
    }

    [Theory]
    [InlineData("""{"a":"x\u0000y"}""")]
    [InlineData("""{"a\u0000":1}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":["\udc00 alone"]}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":1e999}""")]
    [InlineData("""{"a":-1e999}""")]
    [InlineData("""{"a":1e-99999}""")]
    [InlineData("""{"a":1e-99999999999999999999}""")]
    [InlineData("""{"a":0e401}""")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    [InlineData("true")]
    public void What_no_store_can_hold_is_an_invalid_event(string sent)
    {
        var refusal = Assert.Throws<RefusedException>(() => Read(sent).Check(AnyType, maxBytes: 0));

        Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);
    }

    [Fact]
    public void A_number_too_long_for_a_column_is_an_invalid_event()
    {
        Read($$"""{"a":{{new string('1', 300)}}}""").Check(AnyType, maxBytes: 0);

        Assert.Throws<RefusedException>(() => Read($$"""{"a":0.{{new string('1', 400)}}}""").Check(AnyType, maxBytes: 0));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_an_invalid_event()
    {
        byte[] sent = [.. "{\"a\":\""u8, 0xff, 0xfe, .. "\"}"u8];

        Assert.Throws<RefusedException>(() => Read(new ReadOnlySequence<byte>(sent)).Check(AnyType, maxBytes: 0));
    }

    [Fact]
    public void The_limit_counts_the_bytes_that_are_kept()
    {
        var data = Read("""{ "a" :        "ü" }""");

        data.Check(AnyType, maxBytes: """{"a":"ü"}"""u8.Length);
        var refusal = Assert.Throws<RefusedException>(() => data.Check(AnyType, maxBytes: """{"a":"ü"}"""u8.Length - 1));
        Assert.Equal(CollabErrorCode.PayloadTooLarge, refusal.Code);
    }

    [Theory]
    [InlineData("1e308", 5 + 308)]
    [InlineData("-1.5E-300", 9 + 300)]
    [InlineData("12e+2", 5 + 2)]
    [InlineData("1200", 4)]
    public void The_limit_counts_numbers_as_the_store_writes_them_out(string number, int bytes)
    {
        var data = Read($$"""{"a":{{number}}}""");
        var rest = """{"a":}"""u8.Length;

        data.Check(AnyType, rest + bytes);
        var refusal = Assert.Throws<RefusedException>(() => data.Check(AnyType, rest + bytes - 1));
        Assert.Equal(CollabErrorCode.PayloadTooLarge, refusal.Code);
    }

    [Fact]
    public void A_number_comes_out_of_the_store_however_long_it_is_written_out()
    {
        Read($$"""{"a":0.{{new string('1', 320)}}e-400}""").Check(AnyType, maxBytes: 0);
        var stored = $"0.{new string('0', 400)}{new string('1', 320)}";

        Assert.Equal($$"""{"a":{{stored}}}""", Encoding.UTF8.GetString(EventDataReader.Compact(Encoding.UTF8.GetBytes($$"""{"a": {{stored}}}"""))));
    }

    [Fact]
    public void Reading_stops_at_the_end_of_the_value()
    {
        var reader = new Utf8JsonReader("""[{"a":[1]},{"b":2},"next"]"""u8);
        reader.Read();
        reader.Read();
        var first = EventDataReader.Read(ref reader);
        reader.Read();
        var second = EventDataReader.Read(ref reader);
        reader.Read();

        Assert.Equal(("""{"a":[1]}""", """{"b":2}""", "next"), (Encoding.UTF8.GetString(first.Json), Encoding.UTF8.GetString(second.Json), reader.GetString()));
    }

    [Fact]
    public void Data_that_arrives_in_pieces_is_the_same_wherever_it_is_cut()
    {
        var sent = Encoding.UTF8.GetBytes("""{"näme":"ü\ud83d\ude00x","n":-12.50e+3,"l":[true,null,"\u0000"]}""");
        var whole = Read(new ReadOnlySequence<byte>(sent));

        for (var size = 1; size < sent.Length; size++)
        {
            var pieces = Read(Segments.Cut(sent, size));
            Assert.Equal(whole.Json, pieces.Json);
            Assert.Throws<RefusedException>(() => pieces.Check(AnyType, maxBytes: 0));
        }
    }

    [Fact]
    public void Random_data_comes_back_with_the_same_meaning_and_compacting_again_changes_nothing()
    {
        var random = new RandomJson(seed: 20261121);
        for (var i = 0; i < 500; i++)
        {
            var sent = random.Object(depth: 4);
            var kept = Read(Segments.Cut(Encoding.UTF8.GetBytes(sent.ToJsonString(RandomJson.Indented)), random.Next(1, 40))).Json;

            Assert.True(JsonNode.DeepEquals(sent, JsonNode.Parse(kept)), sent.ToJsonString());
            Assert.Equal(kept, EventDataReader.Compact(kept));
        }
    }

    [Fact]
    public void What_jsonb_spread_out_is_compact_again() =>
        Assert.Equal("""{"a":[1,2.50],"b":{"c":": , "}}""", Encoding.UTF8.GetString(EventDataReader.Compact("""{"a": [1, 2.50], "b": {"c": ": , "}}"""u8)));

    [Theory]
    [InlineData("""{"stepId":"a","stepId":"b"}""", "b")]
    [InlineData("""{"stepId":"a","stepId":7}""", null)]
    [InlineData("""{"x":{"stepId":"inside"},"stepId":"a"}""", "a")]
    [InlineData("""{"x":{"stepId":"inside"},"y":["stepId"]}""", null)]
    [InlineData("""{"x":"stepId"}""", null)]
    [InlineData("""{"stepId":"ü\n"}""", "ü\n")]
    public void The_last_field_of_a_name_counts_and_only_at_the_top(string json, string? expected) =>
        Assert.Equal(expected, JsonFields.GetString(Encoding.UTF8.GetBytes(json), "stepId"u8));

    [Fact]
    public void A_boolean_is_found_or_is_null()
    {
        Assert.True(JsonFields.GetBoolean("""{"isPruned":false,"isPruned":true}"""u8, "isPruned"u8));
        Assert.False(JsonFields.GetBoolean("""{"isPruned":false}"""u8, "isPruned"u8));
        Assert.Null(JsonFields.GetBoolean("""{"isPruned":"true"}"""u8, "isPruned"u8));
    }

    [Theory]
    [InlineData(null, """{"nodeId":null}""")]
    [InlineData("PM \"ü\"", """{"nodeId":"PM \u0022\u00FC\u0022"}""")]
    public void A_cursor_move_is_data_too(string? nodeId, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(EventData.ForCursor(nodeId).Json));

    [Fact]
    public void A_cursor_on_half_a_character_is_an_invalid_event() => Assert.Throws<RefusedException>(() => EventData.ForCursor("\ud800"));

    private static EventData Read(string json) => Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)));

    private static EventData Read(ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return EventDataReader.Read(ref reader);
    }
}
