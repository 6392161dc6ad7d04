using System.Buffers;
using System.Text;
using Collab.AspNetCore.Hub;
using Collab.Hostile.Kinds;
using Xunit;

namespace Collab.Hostile.Tests;

/// <summary>Answers and items that name no call are no messages; SignalR fails on some of them in ways of its own.</summary>
public sealed class NamelessMessageTests
{
    [Theory]
    [InlineData("""{"type":2,"invocationId":"","item":{"a":1}}""")]
    [InlineData("""{"type":2,"item":{"a":1}}""")]
    [InlineData("""{"type":3,"invocationId":"","result":1}""")]
    [InlineData("""{"type":3,"result":1}""")]
    [InlineData("""{"type":5,"invocationId":""}""")]
    public void A_message_of_no_call_ends_its_connection_with_a_code(string message)
    {
        var input = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message + "\u001e"));
        var protocol = CollabHubProtocols.Create().GetProtocol("json", null)!;

        var exception = Record.Exception(() => protocol.TryParseMessage(ref input, HubParserKind.Binder.Instance, out _));

        Assert.True(exception is null || HubFarewell.IsNoMessage(exception), $"{exception}");
    }
}
