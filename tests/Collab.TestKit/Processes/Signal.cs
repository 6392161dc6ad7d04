using System.Globalization;
using System.Runtime.InteropServices;

namespace Collab.TestKit;

/// <summary>The signals that tests send, by their numbers on Linux.</summary>
public enum Signal
{
    /// <summary>SIGINT: PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>SIGQUIT: PostgreSQL's immediate shutdown.</summary>
    Quit = 3,

    /// <summary>SIGKILL: ends a process without a last word.</summary>
    Kill = 9,

    /// <summary>SIGTERM: asks a process to end.</summary>
    Terminate = 15,

    /// <summary>SIGCONT: lets a frozen process go on.</summary>
    Continue = 18,

    /// <summary>SIGSTOP: freezes a process; its connections stay open and silent.</summary>
    Stop = 19,
}

/// <summary>Sends signals, which .NET itself cannot.</summary>
internal static partial class Signals
{
    /// <summary>Sends a signal to a process; nothing happens if it has already ended.</summary>
    public static void Send(int processId, Signal signal)
    {
        const int NoSuchProcess = 3;
        if (Kill(processId, (int)signal) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error == NoSuchProcess) return;
        throw new InvalidOperationException($"{signal} to {processId}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>The processes that a process with one thread has started, and that have not ended.</summary>
    public static int[] ChildrenOf(int processId)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{processId}/children");
        return File.Exists(file)
            ? [.. File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))]
            : [];
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
