using System.Diagnostics;
using System.Globalization;

namespace Collab.TestKit;

/// <summary>A small file system in memory, mounted at a folder, that can be filled. It needs root.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    private string Filler => Path.Combine(_path, "filler");

    /// <summary>Mounts one over a folder, which stays its owner's.</summary>
    /// <param name="path">The folder, which must be there.</param>
    /// <param name="megabytes">How much it holds.</param>
    /// <exception cref="InvalidOperationException">It cannot be mounted here.</exception>
    public static async Task<SmallDisk> MountAsync(string path, int megabytes)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=0755");
        await ChildProcess.RunAsync(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", size, "collab-tests", path]));
        return new(path);
    }

    /// <summary>Takes all the room there is, until <see cref="Free"/>. What becomes free meanwhile is taken by the next call.</summary>
    /// <returns>How many bytes it took.</returns>
    public long Fill()
    {
        var (taken, piece) = (0L, new byte[4096]);
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            for (; ; taken += piece.Length) file.Write(piece);
        }
        catch (IOException)
        {
            // It is full.
            return taken;
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>Takes it away, with what is on it.</summary>
    public async ValueTask DisposeAsync() => await ChildProcess.RunAsync(new ProcessStartInfo("umount", ["--lazy", _path]));
}
