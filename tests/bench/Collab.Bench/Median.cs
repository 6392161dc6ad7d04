namespace Collab.Bench;

/// <summary>The middle of several measurements, which one outlier does not move.</summary>
internal static class Median
{
    /// <summary>Of an even number, the mean of the two in the middle.</summary>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
