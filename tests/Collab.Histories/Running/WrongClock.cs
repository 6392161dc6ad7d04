using System.Globalization;
using Collab.TestKit;

namespace Collab.Histories.Running;

/// <summary>
/// The wall clock of one server process, which can be set while it runs: libfaketime, loaded into it, reads from a file how wrong it is to
/// be. The machine's clock stays as it is, and so does the process's monotonic one.
/// </summary>
internal sealed class WrongClock : IDisposable
{
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"];

    private readonly TemporaryFolder _folder = new("clock");

    public WrongClock() => Set(TimeSpan.Zero);

    /// <summary>What the process's environment needs for it.</summary>
    /// <exception cref="InvalidOperationException">The library is not installed.</exception>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Folders.Select(folder => Path.Combine(folder, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Clocks that can be set need libfaketime: install it (Debian: faketime)."),
        ["FAKETIME_TIMESTAMP_FILE"] = _folder["time"],
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_DONT_RESET"] = "1",
    };

    /// <summary>Sets it; the process sees it within a second.</summary>
    /// <param name="ahead">How far it is ahead; negative: behind.</param>
    public void Set(TimeSpan ahead)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{(ahead < TimeSpan.Zero ? "" : "+")}{ahead.TotalSeconds:0}s\n");
        // Never half of it is read.
        File.WriteAllText(_folder["next"], text);
        File.Move(_folder["next"], _folder["time"], overwrite: true);
    }

    public void Dispose() => _folder.Dispose();
}
