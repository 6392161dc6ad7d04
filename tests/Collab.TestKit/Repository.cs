using System.Reflection;

namespace Collab.TestKit;

/// <summary>Where the tests find what other projects built.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary><c>Debug</c> or <c>Release</c>: the configuration that the tests were built in, and so the one to look for.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>The built assembly of a project of the repository.</summary>
    /// <param name="project">The project's folder from the root, <c>src/Collab.Server</c> for example.</param>
    /// <returns>The full path of its assembly.</returns>
    /// <exception cref="FileNotFoundException">It has not been built in the tests' configuration.</exception>
    public static string AssemblyOf(string project)
    {
        var path = Path.Combine(Root, project, "bin", Configuration, "net10.0", Path.GetFileName(project) + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"Build {project} in {Configuration} first: there is no {path}.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Collab.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Collab.sln.");
    }
}
