using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Histories.Checking;
using Collab.TestKit;
using Xunit;

namespace Collab.Histories.Tests;

/// <summary>The checker's fold does what the conformance cases say, as far as it goes.</summary>
public sealed class FoldTests
{
    private static readonly JsonNode[] Cases = [.. FoldCases.All.Where(IsWithin).Select(one => one!)];

    public static TheoryData<string> Names => [.. Cases.Select(one => (string)one["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_folds_as_the_conformance_cases_say(string name)
    {
        var one = Cases.Single(c => (string)c["name"]! == name);
        var fold = new Fold();
        foreach (var e in one["events"]!.AsArray())
        {
            var data = JsonSerializer.SerializeToElement(e!["data"]);
            fold.Add(new((long)e["sequenceNumber"]!, Guid.Empty, (string)e["eventType"]!, (string)e["userId"]!, data));
        }
        Assert.True(Fold.AreEqual(one["state"], fold.State), fold.State.ToJsonString());
    }

    [Fact]
    public void There_are_enough_cases() => Assert.InRange(Cases.Length, 6, int.MaxValue);

    /// <summary>Histories begin with the first event, and use no types or states of an application's.</summary>
    private static bool IsWithin(JsonNode? one) => one!["start"] is null && one["states"] is null && one["state"]!["latest"] is null;
}
