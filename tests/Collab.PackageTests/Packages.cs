using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using Collab.TestKit;
using Xunit;

namespace Collab.PackageTests;

/// <summary>All packages of the repository in a feed of their own, as <c>dotnet pack</c> makes them.</summary>
[CollectionDefinition(Name)]
public sealed class Packages : IAsyncLifetime, IDisposable, ICollectionFixture<Packages>
{
    public const string Name = "packages";

    /// <summary>No build takes so long, on a machine with other work too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new("packages");

    /// <summary>The folder that the packages are in.</summary>
    public string Feed => Path.Combine(_folder.Path, "feed");

    /// <summary>The version that all of them have.</summary>
    public string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await DotnetAsync(Repository.Root, "pack", "Collab.sln", "--no-build", "-c", Repository.Configuration, "-o", Feed);
        Version = Path.GetFileName(All.First(p => p.Contains("Collab.Protocol", StringComparison.Ordinal)))["Collab.Protocol.".Length..^".nupkg".Length];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>The packages' files.</summary>
    public IEnumerable<string> All => Directory.EnumerateFiles(Feed, "*.nupkg").Order(StringComparer.Ordinal);

    /// <summary>A package's own description, and the names of its files.</summary>
    public (XElement Metadata, IReadOnlyList<string> Files) Open(string id)
    {
        using var package = OpenArchive(id);
        using var nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        var root = XDocument.Load(nuspec).Root!;
        return (root.Elements().Single(), [.. package.Entries.Select(e => e.FullName)]);
    }

    /// <summary>A package as the archive that it is, or its symbols.</summary>
    public ZipArchive OpenArchive(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{Version}.{extension}"));

    /// <summary>A project outside the repository that knows the feed, beside what else this machine knows.</summary>
    public async Task<string> BuildProjectAsync(string name, string sdk, string body, string program)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"<configuration><packageSources><add key=\"collab\" value=\"{Feed}\" /></packageSources></configuration>");
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              {body.Replace("VERSION", Version, StringComparison.Ordinal)}
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
        await DotnetAsync(folder, "build", "-o", "out");
        return folder;
    }

    /// <summary>Runs a command of the SDK to its end.</summary>
    public async Task DotnetAsync(string folder, params string[] arguments)
    {
        await using var process = ChildProcess.Start(Start("dotnet", folder, arguments));
        if (await process.Exited.WaitAsync(Patience) != 0) throw process.Failed("failed");
    }

    /// <summary>How a program is started, with the packages that this test has unpacked and no others of these names.</summary>
    public ProcessStartInfo Start(string program, string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        // What was installed before, for the build of the repository above all, is found where it is.
        var home = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (Directory.Exists(home)) start.Environment["RestoreFallbackFolders"] = home;
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder.Path, "packages");
        start.Environment["DOTNET_CLI_HOME"] = _folder.Path;
        return start;
    }
}
