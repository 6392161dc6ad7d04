using Collab.Hostile.Inputs;
using Xunit;

namespace Collab.Hostile.Tests;

/// <summary>What must not be said is found when it is said.</summary>
public sealed class RulesTests
{
    [Theory]
    [InlineData("[invalid_event] data must be an object.", true)]
    [InlineData("[run_ended] It is over.", true)]
    [InlineData("data must be an object.", false)]
    [InlineData("[made_up] No.", false)]
    [InlineData("[invalid_event] System.FormatException: x", false)]
    [InlineData(null, false)]
    public void A_refusal_has_a_code_and_shows_nothing_of_the_server(string? text, bool isSound) => Assert.Equal(isSound, Rules.OfRefusal(text) is null);

    [Theory]
    [InlineData("[protocol] That is no message.", true)]
    [InlineData(null, true)]
    [InlineData("Connection closed with an error.", false)]
    public void An_ending_has_a_code(string? text, bool isSound) => Assert.Equal(isSound, Rules.OfEnding(text) is null);

    [Theory]
    [InlineData("fail: Microsoft.AspNetCore.Server.Kestrel[13]", true)]
    [InlineData("Unhandled exception. System.Exception", true)]
    [InlineData("warn: Collab.AspNetCore[1]", false)]
    public void A_log_that_complains_is_known(string line, bool isComplaint) => Assert.Equal(isComplaint, Rules.IsComplaint(line));
}
