namespace Collab.Cli.Load;

/// <summary>
/// How long things took, counted in classes that are a sixteenth wide, from a microsecond to over an hour: a quantile is no more than 7 %
/// too high. Any thread may add.
/// </summary>
internal sealed class Latencies
{
    /// <summary>Classes from one power of two to the next.</summary>
    private const int Steps = 16;

    private readonly long[] _counts = new long[32 * Steps];

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan time)
    {
        var step = (int)(Math.Log2(Math.Max(1, time.TotalMicroseconds)) * Steps);
        Interlocked.Increment(ref _counts[Math.Clamp(step, 0, _counts.Length - 1)]);
    }

    /// <summary>What has been counted since this moment's like was taken before.</summary>
    /// <param name="before">Null: since the beginning.</param>
    public Quantiles Since(long[]? before)
    {
        var now = Counts();
        if (before is null) return new(now);
        for (var i = 0; i < now.Length; i++) now[i] -= before[i];
        return new(now);
    }

    /// <summary>What has been counted so far.</summary>
    public long[] Counts() => [.. _counts.Select((_, i) => Interlocked.Read(ref _counts[i]))];

    /// <summary>Answers how long so many of them took at most.</summary>
    internal sealed class Quantiles(long[] counts)
    {
        /// <summary>In milliseconds; null if nothing was counted.</summary>
        /// <param name="share">0.5 for the median.</param>
        public double? At(double share)
        {
            var rest = (long)Math.Ceiling(counts.Sum() * share);
            if (rest == 0) return null;
            var index = 0;
            while ((rest -= counts[index]) > 0) index++;
            return Math.Round(Math.Pow(2, (index + 1.0) / Steps) / 1000, 3);
        }
    }
}
