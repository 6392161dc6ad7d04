using System.Numerics;

namespace Collab.Cli.Load;

/// <summary>Which events, by their index, something is true of; a bit each. Any thread may ask and mark.</summary>
internal sealed class Marks
{
    private readonly Lock _lock = new();
    private ulong[] _bits = new ulong[16];

    /// <summary>How many are marked.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return _bits.Sum(word => (long)BitOperations.PopCount(word));
        }
    }

    /// <summary>Marks one. False if it was marked before.</summary>
    public bool Add(int index)
    {
        var bit = 1UL << (index % 64);
        lock (_lock)
        {
            if (index / 64 >= _bits.Length) Array.Resize(ref _bits, Math.Max(_bits.Length * 2, (index / 64) + 1));
            ref var word = ref _bits[index / 64];
            if ((word & bit) != 0) return false;
            word |= bit;
            return true;
        }
    }

    /// <summary>How many are marked here and not there.</summary>
    public long CountWithout(Marks there)
    {
        var (mine, theirs) = (Copy(), there.Copy());
        var count = 0L;
        for (var i = 0; i < mine.Length; i++) count += BitOperations.PopCount(mine[i] & ~(i < theirs.Length ? theirs[i] : 0));
        return count;
    }

    private ulong[] Copy()
    {
        lock (_lock) return [.. _bits];
    }
}
