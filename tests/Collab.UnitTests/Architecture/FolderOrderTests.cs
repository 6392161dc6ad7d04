using System.Reflection;
using System.Text.RegularExpressions;
using Collab.AspNetCore;
using Collab.TestKit;
using NetArchTest.Rules;
using Xunit;

namespace Collab.UnitTests.Architecture;

/// <summary>Folders of the library point one way: each uses only what stands to its right in the order that src/README.md gives.</summary>
public sealed partial class FolderOrderTests
{
    private const string Root = "Collab.AspNetCore";

    private static readonly Assembly Library = typeof(CollabOptions).Assembly;
    private static readonly string Sources = Path.Combine(Repository.Root, "src", Root);

    /// <summary>The folders of public types, which share the root's namespace: such a type stands in a file of its name.</summary>
    private static readonly Dictionary<string, string> Folders = Files().ToDictionary(f => f.Name, f => f.Folder, StringComparer.Ordinal);

    [Fact]
    public void No_type_uses_one_of_a_folder_to_its_left()
    {
        var order = Order();

        AssertNone(order.SelectMany((to, place) => Users(to).Where(user => order.IndexOf(FolderOf(user)) > place).Select(u => $"{u} uses {to}")));
    }

    [Fact]
    public void No_file_names_a_folder_to_its_left()
    {
        var order = Order();
        var wrong = from file in Files()
                    from line in File.ReadLines(file.Path)
                    let import = Using().Match(line)
                    where import.Success && order.IndexOf(import.Groups["to"].Value) < order.IndexOf(file.Folder)
                    select $"{file.Folder}/{file.Name}.cs: {line}";

        AssertNone(wrong);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order()
    {
        var folders = Files().Select(f => f.Folder).Where(f => f != "").Distinct();

        Assert.Equal(folders.Order(StringComparer.Ordinal), Order().Order(StringComparer.Ordinal));
    }

    /// <summary>Not as a comparison, which would be cut short in the report.</summary>
    private static void AssertNone(IEnumerable<string> wrong)
    {
        if (string.Join('\n', wrong) is { Length: > 0 } all) Assert.Fail(all);
    }

    private static List<string> Order()
    {
        var line = File.ReadLines(Path.Combine(Repository.Root, "src", "README.md")).Single(l => Arrows().IsMatch(l));
        return [.. line.Trim('`').Split(" → ")];
    }

    private static IEnumerable<(string Path, string Folder, string Name)> Files() =>
        from path in Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
        let folder = Path.GetRelativePath(Sources, path).Split(Path.DirectorySeparatorChar) is [var first, _, ..] ? first : ""
        where folder is not ("bin" or "obj")
        select (path, folder, Path.GetFileNameWithoutExtension(path));

    /// <summary>The types that use a folder, in their methods too.</summary>
    private static IEnumerable<string> Users(string folder)
    {
        string[] names = [.. Library.GetTypes().Where(t => !t.IsNested && FolderOf(t.FullName!) == folder).Select(t => t.FullName!)];
        return Types.InAssembly(Library).ShouldNot().HaveDependencyOnAny(names).GetResult().FailingTypeNames ?? [];
    }

    private static string FolderOf(string type)
    {
        var parts = type.Split('/', '+', '`')[0].Split('.');
        return parts.Length == 4 ? parts[2] : Folders.GetValueOrDefault(parts[^1], "");
    }

    [GeneratedRegex("^`(\\w+ → )+\\w+`$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Arrows();

    [GeneratedRegex(@"^using (static |\w+ = )?Collab\.AspNetCore\.(?<to>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Using();
}
