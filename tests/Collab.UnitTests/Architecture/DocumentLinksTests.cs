using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Architecture;

/// <summary>Where the documents of the repository point to each other, there is something.</summary>
public sealed partial class DocumentLinksTests
{
    private static readonly string[] Elsewhere = ["bin", "obj", "node_modules", "dist", "artifacts", ".git", ".angular", "reference", "TestResults"];

    [Fact]
    public void Each_link_leads_to_a_file_and_a_heading()
    {
        var documents = Documents(new(Repository.Root)).ToList();

        Assert.True(documents.Count > 20);
        Assert.Empty(documents.SelectMany(LooseEndsOf));
    }

    private static IEnumerable<string> Documents(DirectoryInfo folder) => folder.EnumerateFiles("*.md").Select(file => file.FullName)
        .Concat(folder.EnumerateDirectories().Where(below => !Elsewhere.Contains(below.Name)).SelectMany(Documents));

    private static IEnumerable<string> LooseEndsOf(string document) =>
        from line in Prose(document)
        from link in Link().Matches(line)
        let target = link.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal) && !IsThere(document, target)
        select $"{Path.GetRelativePath(Repository.Root, document)}: {target}";

    private static bool IsThere(string document, string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length > 0 ? Path.GetFullPath(parts[0], Path.GetDirectoryName(document)!) : document;
        return Path.Exists(path) && (parts.Length == 1 || !path.EndsWith(".md", StringComparison.Ordinal) || Headings(path).Contains(parts[1]));
    }

    private static IEnumerable<string> Headings(string document) =>
        from line in Prose(document)
        where line.StartsWith('#')
        let words = Markup().Replace(line.TrimStart('#').Trim(), "${text}")
        select NoWord().Replace(words.ToLowerInvariant(), "").Replace(' ', '-');

    /// <summary>A document's lines, without what it shows as code.</summary>
    private static IEnumerable<string> Prose(string document)
    {
        var isCode = false;
        foreach (var line in File.ReadLines(document))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) isCode = !isCode;
            else if (!isCode) yield return line;
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Markup();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoWord();
}
