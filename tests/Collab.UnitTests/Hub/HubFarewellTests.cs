using System.Buffers;
using System.Text;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>The last message of a connection says why it ends, whatever SignalR would have said, and nothing follows it.</summary>
public sealed class HubFarewellTests : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConnectionRecord _record = Some.Monitor().NewRecord("connection", clientId: null);
    private readonly HubFarewell _protocol;

    public HubFarewellTests() => _protocol = new(new JsonHubProtocol(), _record, maxMessageBytes: 1024, Silence, _time, _stopping.Token);

    public void Dispose() => _stopping.Dispose();

    [Fact]
    public void SignalRs_close_message_gets_the_reason_and_is_the_last_one()
    {
        _record.End(Ending.Kicked);

        Assert.Equal("""{"type":7,"error":"[kicked] An administrator ended the connection.","allowReconnect":true}""", Written(CloseMessage.Empty));
        Assert.Equal("", Written(CloseMessage.Empty));
        Assert.Equal("", Written(PingMessage.Instance));
    }

    [Fact]
    public void A_connection_that_ends_for_no_reason_of_ours_ends_as_SignalR_says()
    {
        Assert.Equal("""{"type":7}""", Written(CloseMessage.Empty));
    }

    [Fact]
    public void The_first_reason_counts()
    {
        _record.End(Ending.FellBehind);
        _record.End(Ending.Kicked);

        Assert.Contains("[slow] ", Written(CloseMessage.Empty), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_stops_says_so()
    {
        _stopping.Cancel();

        Assert.Contains("[shutdown] ", Written(new CloseMessage(null, allowReconnect: true)), StringComparison.Ordinal);
        Assert.Equal(Ending.Shutdown, _record.Ending);
    }

    [Fact]
    public void Only_a_client_that_was_silent_for_as_long_as_is_allowed_was_idle()
    {
        _time.Advance(Silence);
        Parse("""{"type":6}""" + '\u001e');
        Assert.DoesNotContain("[idle]", Written(new CloseMessage("Connection closed with an error.", allowReconnect: true)), StringComparison.Ordinal);

        var silent = Some.Monitor().NewRecord("silent", clientId: null);
        var protocol = new HubFarewell(new JsonHubProtocol(), silent, 1024, Silence, _time, CancellationToken.None);
        _time.Advance(Silence);
        Assert.Contains("[idle] ", Written(new CloseMessage("Connection closed with an error.", allowReconnect: true), protocol), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON at all\u001e")]
    [InlineData("{\"type\":\"one\"}\u001e")]
    [InlineData("{\"type\":99999999999}\u001e")]
    [InlineData("{\"type\":1,\"target\":\"a\",\"streamIds\":[5],\"arguments\":[]}\u001e")]
    public void What_is_no_message_ends_the_connection_without_leave_to_come_back(string input)
    {
        Assert.Throws<OperationCanceledException>(() => Parse(input));

        Assert.Matches("\"error\":\"\\[protocol\\] [^\"]+\"}$", Written(CloseMessage.Empty));
    }

    [Fact]
    public void So_does_a_message_that_is_too_large()
    {
        Assert.False(Parse(new('x', 1023)));
        Assert.Throws<OperationCanceledException>(() => Parse(new('x', 1024)));

        Assert.Contains("[protocol] A message may have at most 1024 bytes.", Written(CloseMessage.Empty), StringComparison.Ordinal);
    }

    private bool Parse(string input)
    {
        var sequence = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(input));
        return _protocol.TryParseMessage(ref sequence, new NoMethods(), out _);
    }

    private string Written(HubMessage message, HubFarewell? protocol = null)
    {
        var output = new ArrayBufferWriter<byte>();
        (protocol ?? _protocol).WriteMessage(message, output);
        return Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\u001e');
    }

    private sealed class NoMethods : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => typeof(object);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => throw new HubException("There are none.");

        public Type GetStreamItemType(string streamId) => typeof(object);
    }
}
