using System.Buffers;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.UnitTests.Kit;
using MessagePack;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Xunit;
using Official = Microsoft.AspNetCore.SignalR.Protocol.MessagePackHubProtocol;
using Ours = Collab.Protocol.MessagePackHubProtocol;

namespace Collab.UnitTests.Hub;

/// <summary>Our MessagePack and SignalR's are one protocol, and nothing that anybody sends gets further than a refusal.</summary>
public sealed class MessagePackHubProtocolTests
{
    /// <summary>Of a short completion: its length, the array, type, headers, id and kind come before.</summary>
    private const int StartOfResult = 7;

    private static readonly JsonHubProtocol Json = new();
    private static readonly Official Theirs = new();
    private static readonly Ours Mine = new(Json);
    private static readonly CollabHubProtocol Hub = new(Mine);

    private static readonly HubMessage[] Messages =
    [
        new InvocationMessage("7", "Publish", ["run", "FLAG", "note ü\n\"", null]) { Headers = new Dictionary<string, string> { ["a"] = "b" } },
        new InvocationMessage(null, "MoveCursor", ["run", null]),
        new InvocationMessage("8", "Take", [1.5, 42L, -1L, -33L, true], ["s1"]),
        new StreamInvocationMessage("9", "Follow", ["run"]),
        new StreamItemMessage("9", "item"),
        new CancelInvocationMessage("9"),
        CompletionMessage.WithError("1", "[forbidden] No."),
        CompletionMessage.WithResult("2", "result"),
        CompletionMessage.WithResult("3", null),
        CompletionMessage.Empty("4"),
        PingMessage.Instance,
        new CloseMessage("[kicked] Go.", allowReconnect: true),
        CloseMessage.Empty,
        new AckMessage(12),
        new SequenceMessage(300),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Messages.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_message_of_SignalRs_protocol_is_read(int index) =>
        Assert.Equal(Text(Json, Messages[index]), Text(Json, Parse(Mine, Bytes(Theirs, Messages[index]))!));

    [Theory]
    [MemberData(nameof(All))]
    public void Every_message_is_written_as_SignalRs_protocol_reads_it(int index)
    {
        Assert.Equal(Text(Json, Messages[index]), Text(Json, Parse(Theirs, Bytes(Mine, Messages[index]))!));
        Assert.Equal(Bytes(Mine, Messages[index]), Mine.GetMessageBytes(Messages[index]).ToArray());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_message_that_has_not_come_whole_is_waited_for_and_one_that_is_cut_short_is_none(int index)
    {
        var whole = Bytes(Theirs, Messages[index]);
        for (var length = 0; length < whole.Length; length++)
        {
            var begun = new ReadOnlySequence<byte>(whole, 0, length);
            Assert.False(Hub.TryParseMessage(ref begun, new Methods(), out _));
            Assert.Equal(length, begun.Length);
        }
        for (var length = 0; length < whole.Length - 1; length++) Assert.True(IsTakenOrRefused(Framed(whole[1..][..length])));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Any_byte_may_be_any_other(int index)
    {
        var whole = Bytes(Theirs, Messages[index]);
        for (var at = 0; at < whole.Length; at++)
        {
            for (var other = 0; other <= byte.MaxValue; other++)
            {
                var changed = whole.ToArray();
                changed[at] = (byte)other;
                IsTakenOrRefused(changed);
            }
        }
    }

    [Fact]
    public void A_message_may_come_in_pieces()
    {
        var whole = Bytes(Theirs, Messages[0]);
        var first = new Piece(whole.AsMemory(0, 3));
        var last = first.Then(whole.AsMemory(3, 10)).Then(whole.AsMemory(13));

        var input = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);

        Assert.True(Mine.TryParseMessage(ref input, new Methods(), out var message));
        Assert.Equal(Text(Json, Messages[0]), Text(Json, message));
        Assert.True(input.IsEmpty);
    }

    [Theory]
    [InlineData(new byte[] { 0xc4, 1, 7 }, "extensions")]
    [InlineData(new byte[] { 0xd6, 0xff, 1, 2, 3, 4 }, "extensions")]
    [InlineData(new byte[] { 0x81, 0xa1, 0x61, 0xc7, 2, 9, 1, 2 }, "extensions")]
    [InlineData(new byte[] { 0x81, 0x01, 0x02 }, "key of a map")]
    [InlineData(new byte[] { 0x81, 0xa1, 0x61, 0xca, 0x7f, 0xc0, 0, 0 }, "not finite")]
    [InlineData(new byte[] { 0xa2, 0xc3, 0x28 }, "not valid Unicode")]
    public void What_JSON_cannot_say_is_an_argument_that_is_refused(byte[] argument, string reason)
    {
        var refused = RefusalOf(argument);

        Assert.Equal(("7", "Publish"), (refused.InvocationId, refused.Arguments[0]));
        Assert.Contains(reason, (string?)refused.Arguments[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x91)]
    [InlineData(0x81)]
    public void However_deeply_an_argument_is_nested_it_is_refused(byte container)
    {
        var nested = Enumerable.Range(0, 30_000).SelectMany(_ => container == 0x81 ? new byte[] { container, 0xa1, 0x61 } : [container]).Append((byte)0xc0);

        Assert.Contains("nested", (string?)RefusalOf([.. nested]).Arguments[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xdd, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xdf, 0x7f, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xdb, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xc9, 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xc6, 0x40, 0, 0, 0 })]
    [InlineData(new byte[] { 0xc1 })]
    public void A_length_that_lies_ends_the_connection_and_takes_no_memory(byte[] argument)
    {
        var call = Call(argument);
        IsTakenOrRefused(call);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => Parse(Hub, call));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void So_does_a_message_that_says_it_has_gigabytes()
    {
        Assert.Throws<InvalidDataException>(() => Parse(Hub, [0xff, 0xff, 0xff, 0xff, 0x0f]));
        Assert.Throws<InvalidDataException>(() => Parse(Hub, [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]));
        Assert.Null(Parse(Hub, [0xff, 0xff, 0xff, 0xff, 0x07]));
    }

    [Theory]
    [InlineData("""{"a":[0,1,127,128,255,256,65535,65536,4294967295,4294967296,18446744073709551615]}""")]
    [InlineData("""[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9223372036854775808]""")]
    [InlineData("""[0.1,1.5,-2.25,1E+300,5E-324,true,false,null,"",{},[]]""")]
    [InlineData("""{"quote\"d\\":"tab\tand ü and 😀"}""")]
    [InlineData("""[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,{"a":17}]]""")]
    public void Values_are_the_same_there_and_back(string json)
    {
        var there = Bytes(Mine, CompletionMessage.WithResult("1", JsonElement.Parse(json)));

        Assert.Equal(Compact(json), Compact(ResultOf(Mine, there)));
        Assert.Equal(Compact(json), Compact(MessagePackSerializer.ConvertToJson(there.AsMemory(StartOfResult))));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Texts_and_containers_of_any_size_are_the_same_there_and_back(int size)
    {
        var json = JsonSerializer.Serialize(new { text = new string('x', size), all = Enumerable.Range(0, size), map = Enumerable.Range(0, size).ToDictionary(i => $"{i}") });

        Assert.Equal(json, ResultOf(Mine, Bytes(Mine, CompletionMessage.WithResult("1", JsonElement.Parse(json)))));
    }

    [Fact]
    public void A_frame_of_events_is_made_once_and_says_what_the_JSON_one_says()
    {
        var frame = Frame.Apart(Some.Run, Some.Events(1, 40), ["""{"eventType":"CURSOR_MOVE","data":{"nodeId":null}}"""u8.ToArray()]);

        var message = frame.In(HubFrames.MessagePack);

        Assert.Same(message, frame.In(HubFrames.MessagePack));
        Assert.Same(message, frame.In(HubFrames.For(Hub, withFingerprints: false)));
        Assert.Same(message, frame.In(HubFrames.For(Hub, withFingerprints: true)));
        Assert.Equal(41, message.Events);
        var (binary, text) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        message.CopyTo(binary);
        frame.In(HubFrames.Json).CopyTo(text);
        Assert.Equal(Encoding.UTF8.GetString(text.WrittenSpan), Text(Json, Parse(Mine, binary.WrittenSpan.ToArray())!));
        Assert.Equal(Some.Run.ToString(), Assert.IsType<InvocationMessage>(Parse(Theirs, binary.WrittenSpan.ToArray())).Arguments[0]);
        Assert.Equal(0x82, message.Framed.Span[0]);
        Assert.Equal(binary.WrittenCount + 4, message.Framed.Length);
    }

    [Fact]
    public void What_the_state_comes_to_is_a_message_before_the_events()
    {
        var frame = Frame.Apart(Some.Run, Some.Events(1, 2), [], new(2, "0123"));
        var (binary, plain) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        frame.In(HubFrames.For(Hub, withFingerprints: true)).CopyTo(binary);
        frame.In(HubFrames.For(Hub, withFingerprints: false)).CopyTo(plain);

        var first = Assert.IsType<InvocationMessage>(Parse(Mine, binary.WrittenSpan[..^plain.WrittenCount].ToArray()));

        Assert.Equal("ReceiveFingerprint", first.Target);
        Assert.Contains("""{"sequence":2,"hash":"0123"}""", Text(Json, first), StringComparison.Ordinal);
        Assert.Equal(plain.WrittenSpan, binary.WrittenSpan[^plain.WrittenCount..]);
    }

    private static string ResultOf(IHubProtocol protocol, byte[] bytes) =>
        ((JsonElement)Assert.IsType<CompletionMessage>(Parse(protocol, bytes, typeof(JsonElement))).Result!).GetRawText();

    private static string Compact(string json) => JsonSerializer.Serialize(JsonElement.Parse(json));

    private static InvocationMessage RefusalOf(byte[] argument)
    {
        var message = Assert.IsType<InvocationMessage>(Parse(Hub, Call(argument)));
        Assert.Equal(nameof(CollaborationHub.RefuseCall), message.Target);
        return message;
    }

    /// <summary>A call of Publish whose third argument is this.</summary>
    private static byte[] Call(byte[] argument) =>
        Framed([0x96, 1, 0x80, 0xa1, (byte)'7', 0xa7, .. "Publish"u8, 0x94, 0xa1, (byte)'r', 0xa1, (byte)'t', .. argument, 0xc0, 0x90]);

    private static byte[] Framed(byte[] body)
    {
        var prefix = new List<byte>();
        var rest = body.Length;
        for (; rest > 0x7f; rest >>= 7) prefix.Add((byte)(0x80 | (rest & 0x7f)));
        return [.. prefix, (byte)rest, .. body];
    }

    /// <summary>Whatever comes, nothing else than that is thrown: it would be logged with its stack.</summary>
    private static bool IsTakenOrRefused(byte[] bytes)
    {
        try
        {
            return Parse(Hub, bytes) is not null;
        }
        catch (Exception e) when (HubFarewell.IsNoMessage(e))
        {
            return true;
        }
    }

    private static byte[] Bytes(IHubProtocol protocol, HubMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        protocol.WriteMessage(message, output);
        return output.WrittenSpan.ToArray();
    }

    private static string Text(IHubProtocol protocol, HubMessage message) => Encoding.UTF8.GetString(Bytes(protocol, message));

    private static HubMessage? Parse(IHubProtocol protocol, byte[] bytes, Type? resultType = null)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        return protocol.TryParseMessage(ref input, new Methods { ResultType = resultType ?? typeof(string) }, out var message) ? message : null;
    }

    private sealed class Methods : IInvocationBinder
    {
        public Type ResultType { get; init; } = typeof(string);

        public Type GetReturnType(string invocationId) => ResultType;

        public Type GetStreamItemType(string streamId) => typeof(string);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => methodName switch
        {
            "Publish" => [typeof(string), typeof(string), typeof(object), typeof(string)],
            "MoveCursor" or nameof(CollaborationHub.RefuseCall) => [typeof(string), typeof(string)],
            "Take" => [typeof(double), typeof(long), typeof(long?), typeof(long), typeof(bool)],
            "Follow" => [typeof(string)],
            "ReceiveEvents" or "ReceiveFingerprint" => [typeof(string), typeof(object)],
            _ => throw new HubException("There is no such method."),
        };
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
