using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>A real server signs, and a client with its key sees that each event is as it was signed, whichever way it came.</summary>
public sealed class SignedEventsTests
{
    private const string Key = "2026:the secret of this installation, 32+";

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task What_a_server_signs_is_right_for_who_has_the_key_live_and_late(HubProtocol protocol)
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?>(LiveServer.Unlimited) { ["Collab:Signing:Key:0"] = Key },
        });
        var run = Guid.NewGuid();
        await using var client = NewClient(server, protocol, Key);
        await using var early = await client.ConnectAsync(run);
        for (var n = 1; n <= 20; n++)
        {
            var data = JsonElement.Parse(string.Create(null, $$$"""{"stepId":"ä {{{n}}} 😀","z":1e21,"a":[-0.0,{{{n}}}.1,null,true,9223372036854775807,{}]}"""));
            await early.PublishAsync(EventTypes.Flag, data).WaitAsync(Patience.Default);
        }
        await Eventually.TrueAsync(() => early.Snapshot.LastSequence == 20);
        await using var stranger = NewClient(server, protocol, "2025:another secret that this server has not");
        await using var late = await stranger.ConnectAsync(run);

        Assert.Null(early.Snapshot.Wrong);
        Assert.All(early.Snapshot.Events, e => Assert.StartsWith("2026.", e.Signature, StringComparison.Ordinal));
        Assert.Equal((1L, WrongReasons.UnknownKey), (late.Snapshot.Wrong?.SequenceNumber, late.Snapshot.Wrong?.Reason));
        Assert.Equal(20, late.Snapshot.Events.Count);
        var verified = await client.VerifyAsync(run);
        Assert.Equal((true, 20, 1L), (verified.Ok, verified.Verified, verified.SignedFrom));
    }

    private static CollabClient NewClient(ServerProcess server, HubProtocol protocol, string key)
    {
        var options = LiveServer.OptionsOf(server.BaseAddress, "alice");
        options.Protocol = protocol;
        options.SigningKeys.Add(key);
        return new(options);
    }
}
