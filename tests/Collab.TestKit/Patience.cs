namespace Collab.TestKit;

/// <summary>How long a test waits for what should come soon. Generous: it is only ever used up by a test that fails.</summary>
public static class Patience
{
    /// <summary>For an event, an answer, a closed connection.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(20);

    /// <summary>For a process to start or to end.</summary>
    public static TimeSpan Process { get; } = TimeSpan.FromSeconds(60);

    /// <summary>For an application to be published, which takes a quarter of a minute where nothing else runs.</summary>
    public static TimeSpan Publishing { get; } = TimeSpan.FromMinutes(5);
}
