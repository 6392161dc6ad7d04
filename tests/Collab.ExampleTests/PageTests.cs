using System.Text.Json;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>What the pages of the examples say of how they are started.</summary>
public sealed class PageTests
{
    public static TheoryData<string> Examples => [.. Example.OfDotnet];

    [Theory]
    [MemberData(nameof(Examples))]
    public void One_command_starts_a_project_of_the_solution_at_the_address_that_the_page_names(string name)
    {
        var example = new Example(name);

        var command = example.Shell[0].Split('\n')[0];
        Assert.StartsWith($"dotnet run --project {example.Folder}", command, StringComparison.Ordinal);
        var folder = Path.Combine(Repository.Root, command["dotnet run --project ".Length..]);
        var project = Assert.Single(Directory.GetFiles(folder, "*.csproj"));
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Collab.sln"));
        Assert.Contains(Path.GetRelativePath(Repository.Root, project).Replace('/', '\\'), solution, StringComparison.Ordinal);
        Assert.Contains(AddressOf(folder), example.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_listen_at_the_same_address()
    {
        var addresses = Example.OfDotnet.Select(name => new Example(name).Shell[0].Split('\n')[0]["dotnet run --project ".Length..])
            .Select(folder => AddressOf(Path.Combine(Repository.Root, folder))).ToArray();

        Assert.Equal(addresses.Distinct(), addresses);
    }

    private static string AddressOf(string folder)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "Properties", "launchSettings.json")));
        return settings.RootElement.GetProperty("profiles").EnumerateObject().Single().Value.GetProperty("applicationUrl").GetString()!;
    }
}
