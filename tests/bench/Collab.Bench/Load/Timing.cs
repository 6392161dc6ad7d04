namespace Collab.Bench.Load;

/// <summary>How long a measurement takes.</summary>
internal static class Timing
{
    /// <summary>Long enough for the runtime to have compiled what is hot.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Measured = TimeSpan.FromSeconds(6);
}
