namespace Collab.AspNetCore.Store;

/// <summary>Pauses before another attempt.</summary>
internal static class Jitter
{
    /// <summary>Give or take a quarter, so that those that failed together do not come again together.</summary>
    public static TimeSpan Around(TimeSpan pause) => pause * (0.75 + (Random.Shared.NextDouble() / 2));
}
