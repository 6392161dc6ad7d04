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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new("packages");
    private readonly Lazy<Task<FreshServer>> _server;
    private readonly Lazy<Task<string>> _tools;

    public Packages()
    {
        _server = new(() => FreshServer.StartAsync(this));
        _tools = new(InstallToolAsync);
    }

    /// <summary>The folder that the packages are in.</summary>
    public string Feed => Path.Combine(_folder.Path, "feed");

    /// <summary>The version that all of them have.</summary>
    public string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await DotnetAsync(Repository.Root, "pack", "Collab.sln", "--no-build", "-c", Repository.Configuration, "-o", Feed);
        Version = Path.GetFileName(All.First(p => p.Contains("Collab.Protocol", StringComparison.Ordinal)))["Collab.Protocol.".Length..^".nupkg".Length];
    }

    /// <summary>The application that all tests share; it is built when the first one asks for it.</summary>
    public Task<FreshServer> ServerAsync() => _server.Value;

    public async Task DisposeAsync()
    {
        if (_server.IsValueCreated) await (await _server.Value).DisposeAsync();
    }

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

    /// <summary>The tool, installed; the same for all tests.</summary>
    /// <returns>The path of its program.</returns>
    public async Task<string> ToolAsync() => Path.Combine(await _tools.Value, "collab");

    /// <summary>A project of the folder Projects/, outside the repository: there it knows the feed, beside what this machine knows.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="with">A folder whose files are also part of it.</param>
    /// <param name="to">The name of its new folder; null: the same.</param>
    /// <returns>The folder that it is in now.</returns>
    public async Task<string> CopyProjectAsync(string name, string? with = null, string? to = null)
    {
        var folder = await MakeFolderAsync(to ?? name);
        foreach (var source in new[] { name, with }.OfType<string>())
        {
            var from = Path.Combine(Repository.Root, "tests", "Collab.PackageTests", "Projects", source);
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }
        return folder;
    }

    /// <summary>A project of which there is a program only, and what it refers to; built into <c>out</c>.</summary>
    public async Task<string> BuildProjectAsync(string name, string sdk, string body, string program)
    {
        var folder = await MakeFolderAsync(name);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              {body}
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
        await DotnetAsync(folder, "build", "-o", "out");
        return folder;
    }

    /// <summary>Runs a command of the SDK to its end.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string[]> DotnetAsync(string folder, params string[] arguments)
    {
        await using var process = ChildProcess.Start(Start("dotnet", folder, arguments));
        if (await process.Exited.WaitAsync(Patience) != 0) throw process.Failed("failed");
        return process.Output.All;
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
        // Properties of the projects.
        start.Environment["CollabVersion"] = Version;
        start.Environment["AspNetCoreVersion"] = AspNetCoreVersion;
        return start;
    }

    /// <summary>What this repository is built with is served here.</summary>
    private static string AspNetCoreVersion { get; } = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion")
        .Single(p => p.Attribute("Include")!.Value == "Microsoft.AspNetCore.Components.WebAssembly").Attribute("Version")!.Value;

    private async Task<string> InstallToolAsync()
    {
        var folder = await MakeFolderAsync("tools");
        await DotnetAsync(folder, "tool", "install", "Collab.Cli", "--version", Version, "--tool-path", folder, "--add-source", Feed);
        return folder;
    }

    private async Task<string> MakeFolderAsync(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        var sources = $"<packageSources><add key=\"collab\" value=\"{Feed}\" /></packageSources>";
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"<configuration>{sources}</configuration>");
        return folder;
    }
}
