namespace Collab.TestKit;

/// <summary>A folder of one test's own, gone with it.</summary>
/// <param name="name">What it is for; part of the folder's name.</param>
public sealed class TemporaryFolder(string name) : IDisposable
{
    /// <summary>The full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory($"collab-{name}-").FullName;

    /// <summary>The full path of something in this folder.</summary>
    public string this[string entry] => System.IO.Path.Combine(Path, entry);

    /// <summary>Deletes the folder with all that is in it.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
