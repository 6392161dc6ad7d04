using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Collab.TestKit;

/// <summary>The cases of <c>tests/conformance/fold</c>, which server and clients fold alike.</summary>
public static partial class FoldCases
{
    /// <summary>All of them.</summary>
    public static JsonArray All { get; } = JsonNode.Parse(Text().Replace(
        File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "fold", "cases.json")),
        length => $"\"{new string('x', int.Parse(length.Groups["n"].Value, CultureInfo.InvariantCulture))}\""))!.AsArray();

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => All.Select(one => (string)one!["name"]!);

    [GeneratedRegex("\"<(?<n>[0-9]+)>\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Text();
}

/// <summary>The state that the rule <c>progress</c> of those cases folds.</summary>
/// <param name="Done">Steps that are finished.</param>
/// <param name="Last">The last one; null before the first.</param>
public sealed record CaseProgress(int Done = 0, string? Last = null);
