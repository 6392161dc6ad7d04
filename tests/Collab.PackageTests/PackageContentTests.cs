using System.Xml.Linq;
using Xunit;

namespace Collab.PackageTests;

/// <summary>What is in the packages, and what they bring along.</summary>
[Collection(Packages.Name)]
public sealed class PackageContentTests(Packages packages)
{
    [Fact]
    public void These_are_all_packages()
    {
        Assert.Equal(
            ["AspNetCore", "Blazor", "Cli", "Client", "OpenApi", "Protocol", "Redis", "Storage"],
            packages.All.Select(p => Path.GetFileName(p)["Collab.".Length..^$".{packages.Version}.nupkg".Length]));
    }

    [Theory]
    [InlineData("Collab.AspNetCore")]
    [InlineData("Collab.Blazor")]
    [InlineData("Collab.Cli")]
    [InlineData("Collab.Client")]
    [InlineData("Collab.OpenApi")]
    [InlineData("Collab.Protocol")]
    [InlineData("Collab.Redis")]
    [InlineData("Collab.Storage")]
    public void Each_says_what_it_is_and_has_its_documentation_and_symbols(string id)
    {
        var (metadata, files) = packages.Open(id);

        Assert.All(
            ["description", "license", "readme", "icon", "tags", "releaseNotes"],
            name => Assert.False(string.IsNullOrWhiteSpace(Value(metadata, name)), $"{id} has no {name}."));
        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        var library = files.Single(f => f.EndsWith($"{id}.dll", StringComparison.Ordinal) || f.EndsWith("/collab.dll", StringComparison.Ordinal));
        if (id != "Collab.Cli") Assert.Contains(Path.ChangeExtension(library, "xml"), files);
        using var symbols = packages.OpenArchive(id, "snupkg");
        Assert.Contains(symbols.Entries, e => e.FullName == Path.ChangeExtension(library, "pdb"));
    }

    [Fact]
    public void The_library_has_its_migrations_inside_and_asks_for_no_package_of_them()
    {
        var (metadata, files) = packages.Open("Collab.AspNetCore");

        Assert.Contains("lib/net10.0/Collab.Migrations.Postgres.dll", files);
        Assert.Contains("lib/net10.0/Collab.Migrations.Sqlite.dll", files);
        Assert.DoesNotContain(Dependencies(metadata), d => d.StartsWith("Collab.Migrations", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Collab.AspNetCore", "OpenTelemetry", "StackExchange", "Swashbuckle", "Microsoft.AspNetCore.OpenApi")]
    [InlineData("Collab.Redis", "OpenTelemetry")]
    [InlineData("Collab.Client", "Microsoft.EntityFrameworkCore", "OpenTelemetry", "Npgsql")]
    [InlineData("Collab.Blazor", "Microsoft.EntityFrameworkCore", "OpenTelemetry", "Npgsql")]
    [InlineData("Collab.Storage", "Collab", "Npgsql", "Microsoft.AspNetCore")]
    public void No_package_brings_what_it_does_not_need(string id, params string[] unwanted)
    {
        var (metadata, _) = packages.Open(id);

        Assert.DoesNotContain(Dependencies(metadata), d => unwanted.Any(u => d.StartsWith(u, StringComparison.Ordinal)));
        if (id is "Collab.Client" or "Collab.Blazor" or "Collab.Storage" or "Collab.Protocol")
            Assert.DoesNotContain(metadata.Descendants(), e => e.Name.LocalName == "frameworkReference");
    }

    private static string? Value(XElement metadata, string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;

    private static IEnumerable<string> Dependencies(XElement metadata) =>
        metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value);
}
