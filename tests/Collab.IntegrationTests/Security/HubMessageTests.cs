using System.Net.WebSockets;
using System.Text;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Messages that SignalR's protocol has and the hub has no use for: refused with a code or passed over, and the connection lives on.</summary>
public sealed class HubMessageTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Theory]
    [InlineData("""{"type":4,"invocationId":"x","target":"Ping","arguments":[1,null]}""")]
    [InlineData("""{"type":4,"invocationId":"x","target":"JoinRun","arguments":["RUN",null]}""")]
    [InlineData("""{"type":4,"invocationId":"x","target":"Nope","arguments":[]}""")]
    [InlineData("""{"type":4,"invocationId":"x","target":"Ping","arguments":[1]}""")]
    [InlineData("""{"type":1,"invocationId":"x","target":"Ping","arguments":[1,null],"streamIds":["a"]}""")]
    [InlineData("""{"type":1,"invocationId":"x","target":"Ping","arguments":[1e999,null]}""")]
    [InlineData("""{"type":1,"invocationId":"x","target":"Ping","arguments":[-1e999,null]}""")]
    public async Task A_call_that_no_method_can_answer_is_refused_with_a_code(string message)
    {
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        await wire.SendAsync(Hostile.Spell(message, Guid.NewGuid()));

        Assert.Equal("invalid_event", HubWire.CodeOf(await wire.AnswerToAsync("x")));
        Assert.Null(HubWire.CodeOf(await wire.CallAsync("Ping", "[1,null]")));
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10")]
    [InlineData("77")]
    [InlineData("-1")]
    [InlineData("2147483647")]
    public async Task A_message_of_a_type_that_does_not_exist_is_passed_over(string type)
    {
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        await wire.SendAsync($$"""{"type":{{type}},"more":[{}]}""");

        Assert.Null(HubWire.CodeOf(await wire.CallAsync("Ping", "[1,null]")));
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(77)]
    public async Task The_same_in_MessagePack(byte type)
    {
        using var socket = new ClientWebSocket();
        var address = new UriBuilder(HubClient.HubOf(server.Address)) { Scheme = "ws", Query = $"access_token={TestTokens.Create("mallory")}" }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None).WaitAsync(Patience.Default);
        await SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"messagepack\",\"version\":1}\u001e"));
        // [type], and [1, {}, "1", "Ping", [1, nil], []], each with its length before it.
        await SendAsync([2, 0x91, type]);
        await SendAsync([14, 0x96, 1, 0x80, 0xa1, (byte)'1', 0xa4, (byte)'P', (byte)'i', (byte)'n', (byte)'g', 0x92, 1, 0xc0, 0x90]);

        var answer = await ReadUntilAsync(socket, "serverTimestamp"u8.ToArray());

        Assert.True(answer, "The call behind it was answered.");
        server.AssertNoComplaint();

        Task SendAsync(byte[] message) => socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    private static async Task<bool> ReadUntilAsync(ClientWebSocket socket, byte[] text)
    {
        var (read, buffer) = (new List<byte>(), new byte[4096]);
        while (socket.State == WebSocketState.Open)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience.Default);
            read.AddRange(buffer[..received.Count]);
            if (read.ToArray().AsSpan().IndexOf(text) >= 0) return true;
        }
        return false;
    }
}
