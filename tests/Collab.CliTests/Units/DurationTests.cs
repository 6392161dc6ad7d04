using Collab.Cli.Options;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("30", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("24h", 86_400)]
    public void It_reads_what_one_types(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("0")]
    [InlineData("-1s")]
    [InlineData("25h")]
    [InlineData("NaN")]
    [InlineData("1e3s")]
    [InlineData("1,5s")]
    [InlineData("99999999999999999999h")]
    [InlineData("ten")]
    public void It_refuses_what_is_none_or_too_long(string text) => Assert.False(Duration.TryParse(text, out _));
}
