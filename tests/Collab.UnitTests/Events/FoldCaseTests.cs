using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>The server folds as every client does, and what is stored in between makes no difference.</summary>
public sealed class FoldCaseTests
{
    public static TheoryData<string> Names => [.. FoldCases.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Events_add_up(string name)
    {
        var one = FoldCases.All.Single(c => (string)c!["name"]! == name)!;
        var shape = ShapeOf(one);
        var start = one["start"]?.ToJsonString() ?? "{}";
        var (running, stored) = (StateFold.Parse(Encoding.UTF8.GetBytes(start), shape), StateFold.Parse(Encoding.UTF8.GetBytes(start), shape));

        foreach (var e in one["events"]!.AsArray().Select(e => LoggedEvent.FromJson(Encoding.UTF8.GetBytes(e!.ToJsonString()))))
        {
            if (e.Sequence <= running.AsOfSequence) continue;
            running.Apply(e);
            stored.Apply(e);
            stored = StateFold.Parse(stored.ToJson(), shape);
        }

        var expected = JsonSerializer.SerializeToElement(one["state"]);
        AssertSame(expected, JsonElement.Parse(running.ToJson()));
        AssertSame(expected, JsonElement.Parse(stored.ToJson()));
        AssertSame(expected, JsonSerializer.SerializeToElement(running.State, CollabJson.Default.RunState));
        Assert.All([running.State, stored.State], state => Assert.Equal((string)one["fingerprint"]!, StateFingerprint.Of(state).Hash));
    }

    [Fact]
    public void Entries_by_another_field_than_the_configured_one_are_dropped()
    {
        var before = """{"asOfSequence":3,"grafts":{},"prunedSteps":[],"flags":{},"latest":{"NOTE":{"A":{"data":{"to":"A"},"userId":"ana","sequenceNumber":2}}},"latestBy":{"NOTE":"to"}}"""u8;

        Assert.Single(StateFold.Parse(before, By("to")).State.Latest!["NOTE"]);
        Assert.Empty(StateFold.Parse(before, By("stepId")).State.Latest!["NOTE"]);
        Assert.Null(StateFold.Parse(before, StateShape.BuiltIn).State.Latest);

        static StateShape By(string field) => new(new Dictionary<string, string> { ["NOTE"] = field }, []);
    }

    [Theory]
    [InlineData("""{"text":"a\u0000b"}""", true)]
    [InlineData("""{"\u0000":1}""", true)]
    [InlineData("""{"text":"a\\u0000b"}""", false)]
    [InlineData("""{"text":"plain"}""", false)]
    public void What_a_store_cannot_hold_is_no_state(string json, bool isProblem) => Assert.Equal(isProblem, OwnStateJson.Problem(Encoding.UTF8.GetBytes(json)) is not null);

    [Fact]
    public void A_state_nested_too_deep_for_clients_is_none()
    {
        Assert.Null(OwnStateJson.Problem(Encoding.UTF8.GetBytes(Nested(49))));
        Assert.NotNull(OwnStateJson.Problem(Encoding.UTF8.GetBytes(Nested(51))));

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    [Fact]
    public void A_state_that_has_no_JSON_counts_as_the_last_one_that_had()
    {
        var failures = new List<string>();
        var own = OwnState.Of("texts", new[] { "" }, (texts, e) => [e.UserId], (JsonTypeInfo<string[]>)OwnStateJson.Options.GetTypeInfo(typeof(string[])));
        own.Failed = (name, _) => failures.Add(name);
        var fold = new StateFold(null, new(null, [own]));

        foreach (var user in (string[])["alice", "b\0b"])
        {
            fold.Apply(new CollaborationEvent(Guid.Empty, fold.AsOfSequence + 1, "NOTE", user, 0, JsonElement.Parse("{}"), true, Guid.Empty));
            fold.ToJson();
        }

        Assert.Equal("""["alice"]""", fold.State.Own!["texts"].GetRawText());
        Assert.Equal(["texts"], failures.Distinct());
    }

    [Fact]
    public void A_stored_state_of_another_form_begins_again_and_is_told()
    {
        var failures = 0;
        var own = OwnState.Of("count", 7, (count, _) => count + 1, (JsonTypeInfo<int>)OwnStateJson.Options.GetTypeInfo(typeof(int)));
        own.Failed = (_, _) => failures++;

        var state = StateFold.Parse("""{"asOfSequence":3,"grafts":{},"prunedSteps":[],"flags":{},"count":{"not":"a number"}}"""u8, new(null, [own])).State;

        Assert.Equal((7, 1), (state.Get<int>("count"), failures));
    }

    private static StateShape ShapeOf(JsonNode one)
    {
        var latestBy = one["start"]?["latestBy"].Deserialize<Dictionary<string, string>>() ?? [];
        if (one["states"] is null) return new(latestBy, []);
        var services = new ServiceCollection();
        new CollabBuilder(services).AddState<CaseProgress>("progress", new CaseProgress(), (progress, e) =>
            e.EventType != "STEP_FINISHED" ? progress
            : e.Data.TryGetProperty("boom", out _) ? throw new FormatException("boom")
            : new(progress.Done + 1, e.Data.GetProperty("stepId").GetString()));
        return new(latestBy, [.. services.Select(s => s.ImplementationInstance).OfType<OwnState>()]);
    }

    private static void AssertSame(JsonElement expected, JsonElement seen) => Assert.True(JsonElement.DeepEquals(expected, seen), seen.GetRawText());
}
