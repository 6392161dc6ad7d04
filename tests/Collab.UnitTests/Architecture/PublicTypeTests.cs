using System.Reflection;
using Collab.AspNetCore;
using Collab.Blazor;
using Collab.Client;
using Collab.Protocol;
using Collab.Storage;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Architecture;

/// <summary>What applications see has one name, and is found by it.</summary>
public sealed class PublicTypeTests
{
    private static readonly Assembly[] Shipped =
    [
        typeof(CollabOptions).Assembly,
        typeof(CollabConnection).Assembly,
        typeof(CollabClient).Assembly,
        typeof(CollaborationEvent).Assembly,
        typeof(CollabDbContext).Assembly,
    ];

    [Fact]
    public void No_name_stands_for_two_public_types()
    {
        var twice = Shipped.SelectMany(Types).GroupBy(NameOf, StringComparer.Ordinal).Where(types => types.Count() > 1);

        AssertNone(twice.Select(types => string.Join(" and ", types)));
    }

    [Fact]
    public void Each_public_type_stands_in_a_file_of_its_name() => AssertNone(
        from assembly in Shipped
        let files = FilesOf(assembly.GetName().Name!)
        from type in Types(assembly)
        where !files[NameOf(type)].Any(file => Declares(file, NameOf(type)))
        select $"{type} stands in another file than {NameOf(type)}.cs");

    private static IEnumerable<Type> Types(Assembly assembly) => assembly.GetExportedTypes().Where(type => !type.IsNested);

    private static string NameOf(Type type) => type.Name.Split('`')[0];

    /// <summary>The source files of a project, by what stands before the first dot of their names.</summary>
    private static ILookup<string, string> FilesOf(string project)
    {
        var folder = Path.Combine(Repository.Root, "src", project);
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .ToLookup(file => Path.GetFileName(file).Split('.')[0], StringComparer.Ordinal);
    }

    /// <summary>A component's file is its declaration.</summary>
    private static bool Declares(string file, string type) => file.EndsWith(".razor", StringComparison.Ordinal)
        || File.ReadLines(file).Any(line => line.StartsWith("public ", StringComparison.Ordinal) && line.Split([' ', '(', '<', ';']).Contains(type));

    /// <summary>Not as a comparison, which would be cut short in the report.</summary>
    private static void AssertNone(IEnumerable<string> wrong)
    {
        if (string.Join('\n', wrong) is { Length: > 0 } all) Assert.Fail(all);
    }
}
