namespace Collab.Client;

/// <summary>
/// How long to wait before trying again: up to a bound that doubles with each attempt, and by chance, so that many clients do not come back
/// at the same moment.
/// </summary>
internal static class Jitter
{
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(15);

    /// <summary>Anything from 0 up to the bound, which begins at half a second.</summary>
    public static Func<int, TimeSpan> Full(Func<double> random) => attempt => random() * Doubled(TimeSpan.FromSeconds(0.5), attempt);

    /// <summary>
    /// Half of the time fixed, half by chance: for a server that asked to be left alone, where coming back at once would be no pause at
    /// all.
    /// </summary>
    public static Func<int, TimeSpan> Half(Func<double> random) =>
        attempt => (0.5 + (0.5 * random())) * Doubled(TimeSpan.FromSeconds(1), attempt);

    /// <summary>
    /// Anything from 0 to a second, after the server has sent this client elsewhere: at once, but not all of its clients at the same
    /// moment.
    /// </summary>
    public static Func<TimeSpan> SentAway(Func<double> random) => () => random() * TimeSpan.FromSeconds(1);

    private static TimeSpan Doubled(TimeSpan start, int attempt) =>
        TimeSpan.FromTicks(Math.Min(Cap.Ticks, start.Ticks << Math.Clamp(attempt - 1, 0, 10)));
}
