using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Embedding;

/// <summary>
/// The C# of these pages is compiled: it stands between marks, word for word, in the sample application, its tests, or in these tests.
/// </summary>
public sealed partial class EmbeddingPageTests
{
    [Theory]
    [InlineData("embedding.md")]
    [InlineData("testing.md")]
    public void Each_snippet_of_the_page_is_compiled(string page)
    {
        var compiled = Sources().SelectMany(file => Marked().Matches(File.ReadAllText(file)).Select(match => Dedent(match.Groups["code"].Value))).ToHashSet(StringComparer.Ordinal);
        var shown = Fenced().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", page)))
            .Select(match => match.Groups["code"].Value.TrimEnd()).ToList();

        Assert.NotEmpty(shown);
        Assert.All(shown, snippet => Assert.Contains(snippet, compiled));
    }

    private static IEnumerable<string> Sources() => new[] { "Collab.EmbeddedSample", "Collab.EmbeddedSampleTests", "Collab.IntegrationTests" }
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string Dedent(string code)
    {
        var lines = code.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length < indent ? "" : line[indent..])).Trim('\n');
    }

    [GeneratedRegex(@"// <(?<name>\w+)>\n(?<code>.*?)[ ]*// </\k<name>>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marked();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fenced();
}
