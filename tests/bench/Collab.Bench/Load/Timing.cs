namespace Collab.Bench.Load;

/// <summary>How long a measurement takes.</summary>
internal static class Timing
{
    /// <summary>
    /// Long enough for the runtime to have compiled what is hot: that shows between a server and a peer. Between two builds of one server,
    /// which differ by a few percent, the rest of the compiling shows too: that takes <see cref="UntilCompiled"/>.
    /// </summary>
    public static TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Until the runtime compiles hardly anything any more, on two cores that two servers share.</summary>
    public static TimeSpan UntilCompiled { get; } = TimeSpan.FromSeconds(40);

    public static readonly TimeSpan Measured = TimeSpan.FromSeconds(6);
}
