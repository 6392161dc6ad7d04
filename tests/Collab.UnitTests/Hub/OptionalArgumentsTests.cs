using System.Buffers;
using System.Text;
using Collab.AspNetCore.Hub;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Xunit;
using Official = Microsoft.AspNetCore.SignalR.Protocol.MessagePackHubProtocol;

namespace Collab.UnitTests.Hub;

/// <summary>A ping may leave out what it has seen, in both protocols; nothing else may leave out anything.</summary>
public sealed class OptionalArgumentsTests
{
    private const string Run = "550e8400-e29b-41d4-a716-446655440000";
    private static readonly IHubProtocolResolver Protocols = CollabHubProtocols.Create();

    [Theory]
    [InlineData("""{"type":1,"invocationId":"7","target":"Ping","arguments":[5,null]}""")]
    [InlineData("""{"arguments":[5,null],"target":"ping","invocationId":"7","type":1}""")]
    [InlineData("""{"type":1,"headers":{"arguments":"[]"},"invocationId":"7","target":"Ping","arguments":[5,null]}""")]
    public void A_ping_of_two_arguments_is_one_of_three(string json)
    {
        var call = Assert.IsType<InvocationMessage>(Json(json));

        Assert.Equal("7", call.InvocationId);
        Assert.Equal([5.0, null, null], call.Arguments);
    }

    [Fact]
    public void A_ping_of_three_says_what_it_has_seen()
    {
        var json = "{\"type\":1,\"invocationId\":\"7\",\"target\":\"Ping\",\"arguments\":[5,1.5,{\"" + Run + "\":12}]}";

        var seen = Assert.IsType<SeenReport>(Assert.IsType<InvocationMessage>(Json(json)).Arguments[2]);

        Assert.Equal([(Guid.Parse(Run), 12L)], seen.Runs);
    }

    [Fact]
    public void MessagePack_says_the_same()
    {
        var none = Assert.IsType<InvocationMessage>(Pack(new InvocationMessage("7", "Ping", [5.0, null])));
        var some = Assert.IsType<InvocationMessage>(
            Pack(new InvocationMessage("7", "Ping", [5.0, null, new Dictionary<string, long> { [Run] = 12 }])));

        Assert.Equal([5.0, null, null], none.Arguments);
        Assert.Equal([(Guid.Parse(Run), 12L)], Assert.IsType<SeenReport>(some.Arguments[2]).Runs);
    }

    public static TheoryData<object> NoMarks =>
        new(5L, "text", true, new object[] { 1L }, new byte[] { 1 }, new Dictionary<string, object> { [Run] = "1" }, new Dictionary<string, object> { [Run] = 1.5 });

    [Theory]
    [MemberData(nameof(NoMarks))]
    public void MessagePack_is_refused_for_the_same(object seen) =>
        Assert.Equal("RefuseCall", Assert.IsType<InvocationMessage>(Pack(new InvocationMessage("7", "Ping", [5.0, null, seen]))).Target);

    [Theory]
    [InlineData("Ping", "[5]")]
    [InlineData("Ping", "[5,null,null,null]")]
    [InlineData("Ping", "[[5],null]")]
    [InlineData("Ping", "[5,null,[]]")]
    [InlineData("Ping", """[5,null,{"x":1}]""")]
    [InlineData("Ping", """[5,null,{"550e8400-e29b-41d4-a716-446655440000":"1"}]""")]
    [InlineData("Ping", """[5,null,{"550e8400-e29b-41d4-a716-446655440000":1.5}]""")]
    [InlineData("Ping", """[5,null,{"550e8400-e29b-41d4-a716-446655440000":9223372036854775808}]""")]
    [InlineData("Ping", """[5,null,{"550e8400-e29b-41d4-a716-446655440000":{"n":1}}]""")]
    [InlineData("MoveCursor", "[\"run\"]")]
    public void What_does_not_fit_is_refused_in_words_of_ours(string method, string arguments)
    {
        var json = "{\"type\":1,\"invocationId\":\"7\",\"target\":\"" + method + "\",\"arguments\":" + arguments + "}";

        var call = Assert.IsType<InvocationMessage>(Json(json));

        Assert.Equal(("RefuseCall", method), (call.Target, call.Arguments[0]));
    }

    [Fact]
    public void Of_a_run_that_is_named_twice_the_highest_number_counts()
    {
        var run = Guid.Parse(Run);

        Assert.Equal(9, new SeenReport([(run, 4), (run, 9), (run, 2)]).Of(run));
        Assert.Null(new SeenReport([(run, 4)]).Of(Guid.NewGuid()));
    }

    private static HubMessage? Json(string json) => Parse("json", Encoding.UTF8.GetBytes(json + '\u001e'));

    private static HubMessage? Pack(HubMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        new Official().WriteMessage(message, output);
        return Parse("messagepack", output.WrittenSpan.ToArray());
    }

    private static HubMessage? Parse(string protocol, byte[] bytes)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        return Protocols.GetProtocol(protocol, null)!.TryParseMessage(ref input, new HubsBinder(), out var message) ? message : null;
    }

    /// <summary>What our hub's methods take.</summary>
    private sealed class HubsBinder : IInvocationBinder
    {
        public IReadOnlyList<Type> GetParameterTypes(string methodName) =>
        [
            .. typeof(CollaborationHub).GetMethods().Single(m => m.Name.Equals(methodName, StringComparison.OrdinalIgnoreCase))
                .GetParameters().Select(p => p.ParameterType),
        ];

        public Type GetReturnType(string invocationId) => typeof(object);

        public Type GetStreamItemType(string streamId) => typeof(object);
    }
}
