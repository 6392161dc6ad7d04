using System.Text;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Protocol;

/// <summary>What is signed is what docs/protocol.md says, byte for byte: the example was made by another program.</summary>
public sealed class SigningKeysTests
{
    private static readonly JsonElement Example =
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "signing", "chain.json")));

    private static readonly Guid Epoch = Example.GetProperty("epoch").GetGuid();

    [Fact]
    public void Events_have_the_form_and_the_signatures_of_the_example()
    {
        string? previous = null;
        foreach (var signed in Example.GetProperty("events").EnumerateArray())
        {
            var (e, signature) = EventOf(signed);
            var form = new CanonicalForm();
            form.Write(e, previous is null ? null : Parse(previous).Link);
            Assert.Equal(signed.GetProperty("form").GetString(), Encoding.UTF8.GetString(form.Written));
            Assert.Equal(signature, Keys(Parse(signature).KeyId).Sign(e, previous));
            Assert.True(Keys().IsOf(e, Parse(signature)));
            previous = signature;
        }
    }

    [Fact]
    public void The_state_has_the_form_and_the_signature_of_the_example()
    {
        var state = Example.GetProperty("state");
        var (signature, last) = (state.GetProperty("signature").GetString()!, EventOf(Example.GetProperty("events")[1]).Signature);
        var json = Encoding.UTF8.GetBytes(state.GetProperty("state").GetRawText());
        var run = EventOf(Example.GetProperty("events")[0]).Event.RunId;

        Assert.Equal(signature, Keys().SignState(run, Epoch, 2, json, last));
        Assert.True(Keys().IsOfState(run, Epoch, 2, json, last, signature));
        Assert.False(Keys().IsOfState(run, Epoch, 2, json, last: null, signature));
        Assert.False(Keys().IsOfState(run, Epoch, 3, json, last, signature));
    }

    [Fact]
    public void Whatever_is_changed_the_signature_is_not_its_own_any_more()
    {
        var (e, text) = EventOf(Example.GetProperty("events")[1]);
        var signature = Parse(text);
        SignedEvent[] others =
        [
            e with { RunId = Guid.NewGuid() }, e with { Epoch = Guid.NewGuid() }, e with { Sequence = 3 }, e with { MessageId = Guid.NewGuid() },
            e with { EventType = "PRUNE" }, e with { UserId = "eve" }, e with { UserName = "bob" }, e with { Timestamp = 1 },
            e with { Data = JsonElement.Parse("{}") },
        ];
        Assert.All(others, other => Assert.False(Keys().IsOf(other, signature)));
        Assert.False(Keys().IsOf(e, signature with { Previous = null }));
        Assert.False(Keys().IsOf(e, signature with { KeyId = "2025" }));
        Assert.False(Keys().IsOf(e, signature with { KeyId = "none" }));
        Assert.False(Keys().IsOf(e, signature with { Mac = new string('é', 43) }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("k.short")]
    [InlineData(".0123456789012345678901234567890123456789012")]
    [InlineData("k.0123456789012345678901234567890123456789012.short")]
    [InlineData("k.0123456789012345678901234567890123456789012.0123456789012345678901.more")]
    public void What_is_no_signature_is_not_read_as_one(string? text) => Assert.False(EventSignature.TryParse(text, out _));

    private static EventSignature Parse(string text) => EventSignature.TryParse(text, out var signature) ? signature : throw new FormatException(text);

    private static SigningKeys Keys(string? first = null) =>
        new([.. Example.GetProperty("keys").EnumerateArray().Select(k => k.GetString()!).OrderByDescending(k => SigningKeys.IdOf(k) == first)]);

    private static (SignedEvent Event, string Signature) EventOf(JsonElement signed)
    {
        var e = signed.GetProperty("event").Deserialize(CollabJson.Default.CollaborationEvent)!;
        return (new(e.RunId, Epoch, e.SequenceNumber!.Value, e.MessageId, e.EventType, e.UserId, e.UserName, e.Timestamp, e.Data), e.Signature!);
    }
}
