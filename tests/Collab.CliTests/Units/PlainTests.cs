using Collab.Cli.Printing;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class PlainTests
{
    [Theory]
    [InlineData("Zoë 名 👩‍🔬", "Zoë 名 👩‍🔬")]
    [InlineData("\e[2J\a\u009b1m", @"\u001b[2J\u0007\u009b1m")]
    [InlineData("a\r\nb\u2028c", @"a\u000d\u000ab\u2028c")]
    [InlineData("user\u202egnp.exe", @"user\u202egnp.exe")]
    [InlineData("\u200bhidden\ufeff", @"\u200bhidden\ufeff")]
    [InlineData("\U000e0041", @"\ue0041")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Whatever_steers_a_terminal_is_shown_as_its_code(string? text, string shown) => Assert.Equal(shown, Plain.Text(text));

    [Fact]
    public void Half_a_pair_of_surrogates_is_too() => Assert.Equal(@"half \ud83d of a pair \udc69", Plain.Text("half \ud83d of a pair \udc69"));
}
