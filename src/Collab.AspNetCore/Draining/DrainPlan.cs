namespace Collab.AspNetCore.Draining;

/// <summary>How long a drain takes.</summary>
/// <param name="Delay">From saying that the server is not ready to the first connection that is told to go.</param>
/// <param name="Over">From the first one to the last.</param>
internal sealed record DrainPlan(TimeSpan Delay, TimeSpan Over)
{
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualOver = TimeSpan.FromSeconds(20);

    public TimeSpan Total => Delay + Over;

    /// <summary>What is configured. Without that no client is kept waiting where there is no other server to go to.</summary>
    public static DrainPlan Of(CollabOptions options, bool isDevelopment)
    {
        var isAlone = isDevelopment || options.Store.Provider == StoreProvider.Sqlite;
        return new(
            Seconds(options.Drain.DelaySeconds) ?? (isAlone ? TimeSpan.Zero : UsualDelay),
            Seconds(options.Drain.OverSeconds) ?? (isAlone ? TimeSpan.Zero : UsualOver));

        static TimeSpan? Seconds(int? value) => value is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>The same in no more than a time, both parts shorter alike.</summary>
    public DrainPlan Within(TimeSpan most)
    {
        if (Total <= most) return this;
        var part = most / Total;
        return new(Delay * part, Over * part);
    }
}
