namespace Collab.Cli.Printing;

/// <summary>Standard output does not take what is written to it.</summary>
/// <param name="reason">What the system says.</param>
internal sealed class OutputException(Exception reason)
    : Exception($"The output cannot be written: {(reason.InnerException ?? reason).Message.TrimEnd('.')}.", reason)
{
    private const int BrokenPipe = 32;
    private const int WindowsBrokenPipe = 109;
    private const int WindowsNoData = 232;

    /// <summary>
    /// Whether the reader has seen enough, as in <c>collab watch … | head</c>. Anything else is a failure: a disk that is full, for
    /// example.
    /// </summary>
    public bool ReaderHasGone { get; } = OperatingSystem.IsWindows()
        ? (reason.HResult & 0xffff) is WindowsBrokenPipe or WindowsNoData
        : reason.HResult == BrokenPipe;
}
