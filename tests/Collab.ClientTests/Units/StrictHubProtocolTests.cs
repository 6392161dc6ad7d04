using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>Events that cannot be read are not dropped in silence, in either protocol.</summary>
public sealed class StrictHubProtocolTests
{
    private const string Run = "550e8400-e29b-41d4-a716-446655440000";

    private static readonly JsonHubProtocol Json = new(Options.Create(new JsonHubProtocolOptions
    {
        PayloadSerializerOptions = new(JsonSerializerDefaults.Web) { TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, ClientJson.Default) },
    }));

    [Fact]
    public void Events_that_do_not_fit_end_the_connection()
    {
        Assert.IsType<InvocationMessage>(Read(Json, OfJson("ReceiveEvents", $"\"{Run}\",[]")));

        Assert.Throws<InvalidDataException>(() => Read(Json, OfJson("ReceiveEvents", $"\"{Run}\",[{{\"runId\":5}}]")));
    }

    [Fact]
    public void MessagePack_that_JSON_has_no_form_for_ends_the_connection()
    {
        var protocol = new MessagePackHubProtocol(Json);
        Assert.IsType<InvocationMessage>(Read(protocol, OfMessagePack([0x90])));

        // An extension of type 1, without bytes.
        Assert.Throws<InvalidDataException>(() => Read(protocol, OfMessagePack([0x91, 0xc7, 0, 1])));
    }

    [Fact]
    public void What_only_a_newer_server_calls_is_left_out() =>
        Assert.IsType<InvocationBindingFailureMessage>(Read(Json, OfJson("Applaud", "1,2,3")));

    private static HubMessage Read(IHubProtocol protocol, byte[] bytes)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.True(new StrictHubProtocol(protocol).TryParseMessage(ref input, new Binder(), out var message));
        return message;
    }

    private static byte[] OfJson(string target, string arguments) =>
        Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{target}}","arguments":[{{arguments}}]}""" + "\u001e");

    /// <summary>ReceiveEvents of the run, with these events.</summary>
    private static byte[] OfMessagePack(byte[] events)
    {
        byte[] message = [0x96, 1, 0x80, 0xc0, 0xad, .. "ReceiveEvents"u8, 0x92, 0xd9, 36, .. Encoding.UTF8.GetBytes(Run), .. events, 0x90];
        return [(byte)message.Length, .. message];
    }

    private sealed class Binder : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => typeof(object);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) =>
            methodName == nameof(ICollaborationClient.ReceiveEvents) ? [typeof(Guid), typeof(CollaborationEvent[])] : [];

        public Type GetStreamItemType(string streamId) => typeof(object);
    }
}
