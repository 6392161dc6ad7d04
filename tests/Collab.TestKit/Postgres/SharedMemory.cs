using System.Globalization;
using System.Runtime.InteropServices;

namespace Collab.TestKit;

/// <summary>The few bytes of shared memory that a killed PostgreSQL leaves in the kernel: it would find them when started again.</summary>
internal static partial class SharedMemory
{
    /// <summary>Removes what is left of a cluster that will not be started again; a cluster that was shut down has left nothing.</summary>
    public static void RemoveWhatWasLeftBy(string dataFolder)
    {
        const int LineOfKeyAndId = 6;
        const int Remove = 0;
        var lockFile = Path.Combine(dataFolder, "postmaster.pid");
        if (!File.Exists(lockFile)) return;
        var keyAndId = File.ReadLines(lockFile).ElementAtOrDefault(LineOfKeyAndId)?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (keyAndId is [_, var id]) _ = Control(int.Parse(id, CultureInfo.InvariantCulture), Remove, 0);
    }

    [LibraryImport("libc", EntryPoint = "shmctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int id, int command, nint buffer);
}
