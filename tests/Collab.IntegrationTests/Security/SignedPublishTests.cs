using System.Text.Json.Nodes;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Where clients must sign, what is not signed by the user, now, once, and as it is, is forbidden by every way, and nothing of it is stored.</summary>
public sealed class SignedPublishTests(SigningServer server) : IClassFixture<SigningServer>
{
    private static readonly TestSigner Alice = TestSigner.Derived("alice", SigningServer.Root);

    public static TheoryData<Way> Ways => SignedSending.Ways;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory, MemberData(nameof(Ways))]
    public async Task What_the_user_has_signed_is_stored_whatever_is_in_it_and_repeats_that_are_signed_again_are_repeats(Way way)
    {
        var (run, id) = (Guid.NewGuid(), Guid.NewGuid());
        var data = new { stepId = "ä 😀", note = "\"\n", ﬁ = 1, z = 1e21, a = new object?[] { -0.5, 0, 9007199254740991, null, true, new { } } };

        Assert.Equal(1, (await SendAsync(way, Alice.Sign(run, "FLAG", data, id, basedOnSequence: 0))).Number);
        var again = await SendAsync(way, Alice.Sign(run, "FLAG", data, id, basedOnSequence: 0));
        Assert.Equal((1, true), (again.Number, again.Ack.GetProperty("duplicate").GetBoolean()));
        // Secrets in rotation: who has the old one still may.
        Assert.Equal(2, (await SendAsync(way, TestSigner.Derived("alice", SigningServer.OldRoot).Flag(run, "old"))).Number);
        foreach (var skew in (long[])[-55_000, 55_000]) Assert.Null((await SendAsync(way, Alice.Flag(run, "skewed", Now + skew))).Code);
        server.AssertNoComplaint();

        Task<Sent> SendAsync(Way by, object e) => this.SendAsync(by, run, e);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_not_signed_is_forbidden_and_told_where_to_go(Way way)
    {
        var run = Guid.NewGuid();
        await RefusedAsync(way, run, new { eventType = "FLAG", data = new { stepId = "PM" }, messageId = Guid.NewGuid() }, "PublishBatch");
        await RefusedAsync(way, run, new { eventType = "FLAG", data = new { stepId = "PM" }, signature = (object?)null }, "PublishBatch");
        await AssertEmptyAsync(run);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_not_as_it_was_signed_is_forbidden(Way way)
    {
        var run = Guid.NewGuid();
        (string Name, JsonNode? Value)[] changes =
        [
            ("eventType", "COMMENT"), ("data", new JsonObject { ["stepId"] = "SRE" }), ("data", new JsonObject { ["stepId"] = "PM", ["note"] = "x", ["more"] = 1 }),
            ("messageId", Guid.NewGuid().ToString()), ("basedOnSequence", 7), ("basedOnSequence", null),
        ];
        foreach (var (name, value) in changes)
        {
            var e = Alice.Sign(run, "FLAG", new { stepId = "PM", note = "x" }, basedOnSequence: 0);
            e[name] = value?.DeepClone();
            await RefusedAsync(way, run, e, "not that of this event");
        }
        foreach (var (name, value) in ((string, JsonNode)[])[("timestamp", Now - 30_000), ("nonce", "another_nonce_of_some_length"), ("value", new string('A', 43)), ("value", new string('A', 86)), ("value", "A")])
        {
            var e = Alice.Flag(run, "x");
            e["signature"]![name] = value.DeepClone();
            await RefusedAsync(way, run, e, "not that of this event");
        }
        await RefusedAsync(way, run, Alice.Flag(Guid.NewGuid(), "of another run"), "not that of this event");
        await RefusedAsync(way, run, TestSigner.Derived("bob", SigningServer.Root).Flag(run, "by another user"), "not that of this event");
        await RefusedAsync(way, run, TestSigner.Hmac("alice", TestSigner.SecretOf("bob", SigningServer.Root)).Flag(run, "with another's secret"), "not that of this event");
        await RefusedAsync(way, run, TestSigner.Derived("alice", "a secret that no server has ever had, of 32+").Flag(run, "x"), "not that of this event");
        await AssertEmptyAsync(run);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_was_signed_too_long_ago_or_ahead_is_forbidden_and_told_the_time(Way way)
    {
        var run = Guid.NewGuid();
        foreach (var (timestamp, sentence) in ((long, string)[])[(Now - 70_000, "too old"), (Now + 70_000, "to come"), (0, "too old"), (-1, "too old"), (long.MaxValue, "to come"), (long.MinValue, "too old")])
        {
            var before = Now;
            var sent = await RefusedAsync(way, run, Alice.Flag(run, "x", timestamp), sentence);
            if (way != Way.HubAtomic) Assert.InRange(sent.ServerTimestamp!.Value, before - 1000, Now + 1000);
            Assert.Matches(@"which is \d{13}\.$", sent.Message);
        }
        await AssertEmptyAsync(run);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_signature_counts_once_by_whatever_way_it_comes_again(Way way)
    {
        var run = Guid.NewGuid();
        var e = Alice.Flag(run, "once");
        Assert.Equal(1, (await SendAsync(way, run, e)).Number);

        foreach (var other in Enum.GetValues<Way>()) await RefusedAsync(other, run, e, "used before");
        // Another event with its nonce is no better.
        var nonce = e["signature"]!["nonce"]!.GetValue<string>();
        await RefusedAsync(way, run, Alice.Sign(run, "FLAG", new { stepId = "PM" }, nonce: nonce), "used before");
        Assert.Equal(2, (await SendAsync(way, run, Alice.Flag(run, "another"))).Number);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_no_signature_is_invalid(Way way)
    {
        var run = Guid.NewGuid();
        foreach (var signature in (JsonNode?[])[5, "x", new JsonArray(), new JsonObject(), true])
        {
            var e = Alice.Flag(run, "x");
            e["signature"] = signature;
            Assert.Equal("invalid_event", (await SendAsync(way, run, e)).Code);
        }
        (string Name, JsonNode? Value)[] changes =
        [
            ("timestamp", "1760000000000"), ("timestamp", null), ("timestamp", 1.5), ("nonce", "short"), ("nonce", new string('n', 65)), ("nonce", "with blanks in the nonce"),
            ("nonce", "ünïcödé_ünïcödé_ünïcödé"), ("nonce", 5), ("nonce", null), ("value", ""), ("value", new string('A', 87)), ("value", "=+/="), ("value", 7), ("value", null),
        ];
        foreach (var (name, value) in changes)
        {
            var e = Alice.Flag(run, "x");
            e["signature"]![name] = value?.DeepClone();
            Assert.Equal("invalid_event", (await SendAsync(way, run, e)).Code);
        }
        var nameless = Alice.Flag(run, "x");
        nameless["messageId"] = null;
        var refused = await SendAsync(way, run, nameless);
        Assert.Equal("invalid_event", refused.Code);
        Assert.Contains("messageId", refused.Message, StringComparison.Ordinal);
        await AssertEmptyAsync(run);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task Methods_that_have_no_place_for_a_signature_are_forbidden_and_cursors_pings_and_reading_are_not()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync(run);
        Task[] calls =
        [
            alice.GraftAsync(run), alice.InvokeAsync<PublishAck>("Prune", run, new { stepId = "PM", isPruned = true }, null), alice.InvokeAsync<PublishAck>("Flag", run, new { stepId = "PM" }, null),
            alice.PublishAsync(run, "COMMENT", new { }), alice.PublishAsync(run, "TYPING", new { }),
        ];
        foreach (var call in calls)
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() => call);
            Assert.Contains("[forbidden] ", refused.Message, StringComparison.Ordinal);
            Assert.Contains("PublishBatch", refused.Message, StringComparison.Ordinal);
        }
        await alice.MoveCursorAsync(run, "PM");
        await alice.PublishAsync(run, "CURSOR_MOVE", new { nodeId = "SRE" });
        using var api = server.Api("alice");
        Assert.Equal(202, (int)(await api.PublishAsync(run, "CURSOR_MOVE", new { nodeId = "PM" })).Status);
        await alice.PingAsync();
        await alice.WaitForAsync(events => events.Any(e => e.EventType == EventTypes.CursorMove));
        var typing = Alice.Sign(run, "TYPING", new { });
        Assert.Equal(202, (int)(await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events", typing)).Status);
    }

    [Fact]
    public async Task In_a_batch_each_stands_for_itself_and_in_an_atomic_one_all_fall_with_one()
    {
        var run = Guid.NewGuid();
        await using var alice = await server.ConnectAsync("alice");
        var twice = Alice.Flag(run, "twice");
        object[] events =
        [
            Alice.Flag(run, "a"), Alice.Flag(run, "old", Now - 100_000), twice, new { eventType = "FLAG", data = new { stepId = "PM" } }, twice.DeepClone(),
            Alice.Flag(run, "b"),
        ];

        var atomic = await Assert.ThrowsAnyAsync<Exception>(() => alice.InvokeAsync<PublishResult[]>("PublishBatch", run, events, true));
        Assert.Contains("[forbidden] events[1]: ", atomic.Message, StringComparison.Ordinal);
        await AssertEmptyAsync(run);

        events = [Alice.Flag(run, "a"), .. events[1..2], twice, .. events[3..5], Alice.Flag(run, "b")];
        var results = await alice.InvokeAsync<PublishResult[]>("PublishBatch", run, events, false);
        Assert.Equal([1, null, 2, null, null, 3], results.Select(r => r.Ack?.SequenceNumber));
        Assert.All(results.Where(r => r.Ack is null), r => Assert.Equal("forbidden", r.Error!.Code));
        Assert.Equal((true, false), (results[1].Error!.ServerTimestamp is not null, results[3].Error!.ServerTimestamp is not null));
    }

    [Fact]
    public async Task Without_the_right_to_write_a_signature_helps_nobody()
    {
        var run = Guid.NewGuid();
        using var api = server.Api("alice", $"{run}:read");
        var e = Alice.Flag(run, "x");

        var refused = await api.SendAsync(HttpMethod.Post, $"api/runs/{run}/collaboration/events", e);
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, refused);
        // Nor is it used up: it was not looked at.
        Assert.Null((await SendAsync(Way.Http, run, e)).Code);
    }

    private Task<Sent> SendAsync(Way way, Guid run, object e) => SignedSending.SendAsync(server.Address, way, TestTokens.Create("alice"), run, e);

    private async Task<Sent> RefusedAsync(Way way, Guid run, object e, string sentence)
    {
        var sent = await SendAsync(way, run, e);
        Assert.True(sent.Code == "forbidden", $"{sent.Code} {sent.Message} {sent.Ack}");
        Assert.Contains(sentence, sent.Message, StringComparison.Ordinal);
        return sent;
    }

    private async Task AssertEmptyAsync(Guid run)
    {
        using var api = server.Api("alice");
        Assert.Equal(0, (await api.ReplayAsync(run)).Value.LastSequence);
    }
}
