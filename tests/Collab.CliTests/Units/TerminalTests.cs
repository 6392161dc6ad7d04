using Collab.Cli.Printing;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class TerminalTests
{
    /// <summary>The system's number for it, as .NET hands it on.</summary>
    private static readonly int BrokenPipe = OperatingSystem.IsWindows() ? unchecked((int)0x8007006d) : 32;

    [Fact]
    public void Only_a_broken_pipe_means_that_the_reader_has_gone()
    {
        Assert.True(Failure(new IOException("Broken pipe", BrokenPipe)).ReaderHasGone);
        Assert.False(Failure(new IOException("No space left on device", 28)).ReaderHasGone);
        Assert.False(Failure(new UnauthorizedAccessException("Access denied.")).ReaderHasGone);
    }

    [Fact]
    public void What_the_system_says_is_told()
    {
        var badHandle = new UnauthorizedAccessException("Access to the path is denied.", new IOException("Bad file descriptor"));

        Assert.Equal("The output cannot be written: Bad file descriptor.", Failure(badHandle).Message);
    }

    [Fact]
    public void What_happens_meanwhile_may_get_lost() => new Terminal(new Broken(new IOException("Full")), isColored: false, mustArrive: false).WriteLine("Meanwhile");

    private static OutputException Failure(Exception reason) => Assert.Throws<OutputException>(() => new Terminal(new Broken(reason), isColored: false).WriteLine("asked for"));

    private sealed class Broken(Exception reason) : StringWriter
    {
        public override void Flush() => throw reason;
    }
}
