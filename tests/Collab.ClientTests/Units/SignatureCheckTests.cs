using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>The first event that is not as it was signed is told, with why; the same example as for the other clients.</summary>
public sealed class SignatureCheckTests
{
    private static readonly JsonElement Example =
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "signing", "chain.json")));

    private static readonly CollaborationEvent[] Events = [.. Example.GetProperty("events").EnumerateArray()
        .Select(e => e.GetProperty("event").Deserialize(CollabJson.Default.CollaborationEvent)!)];

    [Fact]
    public void Events_that_are_right_are_right_from_the_first_on_and_from_a_later_one()
    {
        Assert.Null(WrongAfter(Events));
        Assert.Null(WrongAfter(Events[1]));
    }

    [Fact]
    public void What_was_changed_stripped_or_does_not_follow_is_told_once()
    {
        var second = Events[1];
        CollaborationEvent[] changed =
        [
            second with { UserId = "eve" }, second with { UserName = "Eve" }, second with { EventType = "PRUNE" }, second with { Timestamp = 1 },
            second with { Data = JsonElement.Parse("{}") }, second with { MessageId = Guid.NewGuid() }, second with { Signature = "none" },
        ];
        Assert.All(changed, e => Assert.Equal((2L, "changed"), WrongAfter(Events[0], e)));
        Assert.Equal((2L, "unsigned"), WrongAfter(Events[0], second with { Signature = null }));
        Assert.Equal((2L, "changed"), WrongAfter(Events[0] with { Signature = null }, second));
        Assert.Equal((1L, "changed"), WrongAfter(Events[0] with { UserId = "eve" }, second with { UserId = "eve" }));
    }

    [Fact]
    public void A_key_that_is_none_is_refused_and_not_told()
    {
        var options = new CollabClientOptions { BaseAddress = new("http://localhost") };
        options.SigningKeys.Add("k:a short secret");

        var e = Assert.ThrowsAny<Exception>(() => new CollabClient(options));
        Assert.Contains("at least 32 bytes", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a short secret", e.Message, StringComparison.Ordinal);
    }

    private static (long, string)? WrongAfter(params CollaborationEvent[] events)
    {
        var told = new List<WrongEvent>();
        var check = new SignatureCheck(new([.. Example.GetProperty("keys").EnumerateArray().Select(k => k.GetString()!)]), told.Add);
        foreach (var e in events) check.Take(Example.GetProperty("epoch").GetGuid(), e, e.SequenceNumber!.Value);
        Assert.Equal(told, check.Wrong is null ? [] : [check.Wrong]);
        return check.Wrong is { } wrong ? (wrong.SequenceNumber, wrong.Reason) : null;
    }
}
