using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Architecture;

/// <summary>The text of the sources: lines that fit a screen, and comments in the field's English.</summary>
public sealed partial class SourceTextTests
{
    private const int MaxLineLength = 140;

    [Fact]
    public void No_line_is_longer_than_140_characters() => AssertNone(line => line.Length > MaxLineLength);

    [Fact]
    public void Comments_speak_of_callers_and_subscribers_and_not_of_whoever() => AssertNone(line => UnclearWord().IsMatch(line));

    private static void AssertNone(Predicate<string> isWrong)
    {
        var wrong = from project in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"), "Collab.*")
                    from path in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
                    where !Built().IsMatch(path)
                    from line in File.ReadLines(path).Select((text, index) => (text, number: index + 1))
                    where isWrong(line.text)
                    select $"{Path.GetRelativePath(Repository.Root, path)}:{line.number}: {line.text.Trim()}";
        // Not as a comparison, which would be cut short in the report.
        if (string.Join('\n', wrong) is { Length: > 0 } all) Assert.Fail(all);
    }

    [GeneratedRegex(@"//.*\b(whoever|somebody|anew|he who)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnclearWord();

    [GeneratedRegex(@"[/\\](bin|obj)[/\\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Built();
}
