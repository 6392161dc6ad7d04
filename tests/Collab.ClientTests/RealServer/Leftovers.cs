using Collab.TestKit;

namespace Collab.ClientTests.RealServer;

/// <summary>What a process holds: counted before and after, it shows what was left behind.</summary>
internal sealed record Leftovers(int Sockets, long Timers)
{
    /// <summary>Counts when what is on its way out has gone: the numbers no longer sink.</summary>
    public static async Task<Leftovers> CountAsync()
    {
        var (last, same) = (Now(), 0);
        await Eventually.TrueAsync(() =>
        {
            var now = Now();
            same = now == last ? same + 1 : 0;
            last = now;
            return same == 10;
        });
        return last;
    }

    /// <summary>Whether the collector found nothing that still holds them: no timer, no task, no handler.</summary>
    public static bool AreGone(List<WeakReference> objects)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return objects.TrueForAll(reference => !reference.IsAlive);
    }

    private static Leftovers Now() => new(
        Directory.GetFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true),
        Timer.ActiveCount);
}
