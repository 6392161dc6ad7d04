using Collab.AspNetCore.Monitoring;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>Only what can be a client id is one; everything else is as good as none.</summary>
public sealed class ClientIdsTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0198c0de-0000-7000-8000-000000000001")]
    [InlineData("A_z-09")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Letters_digits_and_dashes_make_an_id(string given) => Assert.Equal(given, ClientIds.Parse(given));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("ä")]
    [InlineData("٣")]
    [InlineData("\ud800")]
    [InlineData("<script>")]
    [InlineData("a/../b")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void Anything_else_is_none(string given) => Assert.Null(ClientIds.Parse(given));

    [Fact]
    public void None_and_two_are_none()
    {
        Assert.Null(ClientIds.Parse(default));
        Assert.Null(ClientIds.Parse(new StringValues(["a", "b"])));
        Assert.Null(ClientIds.Parse(new StringValues((string?)null)));
    }
}
