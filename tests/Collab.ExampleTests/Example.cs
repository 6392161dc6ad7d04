using System.Diagnostics;
using System.Text.RegularExpressions;
using Collab.TestKit;

namespace Collab.ExampleTests;

/// <summary>One of the examples in docs/examples, as its page describes it.</summary>
/// <param name="name">The name of its folder.</param>
internal sealed partial class Example(string name)
{
    /// <summary>Where it is, from the repository's root.</summary>
    public string Folder => $"docs/examples/{name}";

    /// <summary>Its page.</summary>
    public string Page { get; } = File.ReadAllText(Path.Combine(Examples, name, "README.md"));

    /// <summary>What the page tells to type into a shell, block by block; the first one starts the example.</summary>
    public IReadOnlyList<string> Shell => [.. Blocks().Matches(Page).Select(block => block.Groups["code"].Value)];

    /// <summary>All examples that are started by <c>dotnet run</c>.</summary>
    public static IEnumerable<string> OfDotnet => Directory.EnumerateFiles(Examples, "launchSettings.json", SearchOption.AllDirectories)
        .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Examples, file).Split(Path.DirectorySeparatorChar)[0])
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static string Examples => Path.Combine(Repository.Root, "docs", "examples");

    /// <summary>Starts it as <c>dotnet run</c> does, but in a folder of its own and on a free port.</summary>
    public Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(new ServerSettings
    {
        Project = Folder,
        Environment = "Development",
        Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null },
    });

    /// <summary>Types a block of the page into a shell, with the server's real address in place of the one that the page names.</summary>
    public ChildProcess Type(int block, Uri server) => ChildProcess.Start(new ProcessStartInfo(
        "bash", ["-euo", "pipefail", "-c", Address().Replace(Shell[block], server.GetLeftPart(UriPartial.Authority))])
    { WorkingDirectory = Repository.Root });

    [GeneratedRegex("```sh\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
