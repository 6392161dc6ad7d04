namespace Collab.AspNetCore.Store;

/// <summary>The file of a SQLite store: nobody but this user reads it, and no two servers write to it.</summary>
internal sealed class SqliteFile(string path) : IDisposable
{
    private const UnixFileMode OurFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private FileStream? _lock;

    /// <summary>
    /// Where SQLite keeps its other files, and where the lock is: beside the file itself, so that a link to it is no way past the lock.
    /// </summary>
    private string RealPath => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private string LockPath => $"{RealPath}.lock";

    /// <summary>
    /// Makes the file, and its folder, if they are missing. SQLite gives its other files, <c>-wal</c> and <c>-shm</c>, the mode of this
    /// one.
    /// </summary>
    public void Prepare()
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)) MakeFolder(folder);
            Open(path, FileShare.ReadWrite | FileShare.Delete).Dispose();
            // One that is there already, of an earlier version. A group that was let in on purpose stays in.
            var real = RealPath;
            foreach (var file in (string[])[real, $"{real}-wal", $"{real}-shm", LockPath]) CloseToOthers(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnusableException($"Collab:Store:Path: '{path}' cannot be opened: {e.Message}");
        }
    }

    /// <summary>Makes the file this server's until the end: the operating system gives it back even if the server is killed.</summary>
    public void Lock()
    {
        if (_lock is not null) return;
        try
        {
            _lock = Open(LockPath, FileShare.None);
        }
        catch (IOException)
        {
            throw new StoreUnusableException(
                $"Collab:Store:Path: another server uses '{path}'. A SQLite file is for one server; "
                + "for several, use PostgreSQL (ConnectionStrings:Collab).");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreUnusableException($"Collab:Store:Path: '{path}' cannot be opened: {e.Message}");
        }
    }

    public void Dispose() => _lock?.Dispose();

    private static FileStream Open(string file, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Ours;
        return new(file, options);
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OurFolder);
    }

    private static void CloseToOthers(string file)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(file)) return;
        var mode = File.GetUnixFileMode(file);
        if ((mode & Everybody) != UnixFileMode.None) File.SetUnixFileMode(file, mode & ~Everybody);
    }
}
