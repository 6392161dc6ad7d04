using System.Text.Json.Nodes;
using Collab.ClientTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Conformance;

/// <summary>The scenarios that every client passes, from the same files as the TypeScript client's tests.</summary>
public sealed class ConformanceTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "conformance");

    public static TheoryData<string> Scenarios { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(file => Path.GetFileNameWithoutExtension(file))];

    [Fact]
    public void There_are_scenarios() => Assert.True(Scenarios.Count > 30);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_client_passes(string scenario)
    {
        var text = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, scenario + ".json")))!.AsObject();
        Pump.Run(() =>
        {
            using var world = new World(text);
            world.Run();
        });
    }
}
