using System.Security.Claims;
using Collab.AspNetCore.Access;
using Xunit;

namespace Collab.UnitTests.Access;

/// <summary>What a user is called comes from a claim, which is anybody's text.</summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData("Alice Liddell", "Alice Liddell")]
    [InlineData("  Alice ", "Alice")]
    [InlineData("", null)]
    [InlineData("   ", null)]
    [InlineData("u1", null)]
    [InlineData("a\0b", null)]
    [InlineData("a\nb", null)]
    public void A_name_is_the_claim_if_it_can_be_shown(string claim, string? name) => Assert.Equal(name, NameOf("name", claim));

    // An attribute cannot hold half a surrogate pair: the compiler replaces it.
    [Fact]
    public void A_name_with_half_a_character_is_none() => Assert.Null(NameOf("name", "a\ud800"));

    [Fact]
    public void A_long_name_is_cut_between_characters()
    {
        Assert.Equal(new string('x', 128), NameOf("name", new string('x', 500)));
        Assert.Equal(new string('x', 127), NameOf("name", new string('x', 127) + "\U0001F600 and more"));
    }

    [Fact]
    public void Another_claim_can_be_the_name_and_the_frameworks_own_one_counts_too()
    {
        Assert.Equal("Al", NameOf("nickname", "Al", nameClaim: "nickname"));
        Assert.Null(NameOf("name", "Al", nameClaim: "nickname"));
        Assert.Equal("Al", NameOf(ClaimTypes.Name, "Al"));
        Assert.Null(Caller.From(new(new ClaimsIdentity([new("sub", "u1")], "test")), "name").UserName);
    }

    private static string? NameOf(string type, string value, string nameClaim = "name") =>
        Caller.From(new(new ClaimsIdentity([new("sub", "u1"), new(type, value)], "test")), nameClaim).UserName;
}
