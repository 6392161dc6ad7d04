using Xunit;

namespace Collab.TestKit;

/// <summary>
/// What is alive on the heap. It is the whole process's, so a test that asks is in a collection of its own, which nothing runs
/// beside; and since what others left behind may only just be going, it asks again: what is really held never goes.
/// </summary>
public static class ManagedHeap
{
    public static long Alive => GC.GetTotalMemory(forceFullCollection: true);

    public static void AssertIsBack(long before, long allowed)
    {
        var least = long.MaxValue;
        SpinWait.SpinUntil(() => (least = Math.Min(least, Alive - before)) <= allowed, Patience.Default);
        Assert.InRange(least, long.MinValue, allowed);
    }
}
