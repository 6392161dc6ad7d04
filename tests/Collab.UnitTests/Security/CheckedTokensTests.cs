using System.Security.Claims;
using Collab.AspNetCore.Security;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Collab.UnitTests.Security;

/// <summary>A token that was checked is known for a minute, never longer than it is valid, and not too many are.</summary>
public sealed class CheckedTokensTests
{
    private static readonly ClaimsPrincipal Alice = new(new ClaimsIdentity([new("sub", "alice")], "test"));

    private readonly ManualTime _time = new();
    private readonly CheckedTokens _tokens;

    public CheckedTokensTests() => _tokens = new(_time);

    [Fact]
    public void A_token_that_was_checked_lets_its_user_in_and_tells_when_it_ends()
    {
        var expiresAt = _time.GetUtcNow().AddHours(1);
        _tokens.Remember("token", Alice, expiresAt);

        var context = Ask("token");

        Assert.True(context.Result?.Succeeded);
        Assert.Same(Alice, context.Result!.Principal);
        Assert.Equal(expiresAt, context.Result.Properties!.ExpiresUtc);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("Token")]
    [InlineData("")]
    public void Another_token_is_not_known(string token)
    {
        _tokens.Remember("token", Alice, _time.GetUtcNow().AddHours(1));

        Assert.Null(Ask(token).Result);
    }

    [Theory]
    [InlineData(3600, 60)]
    [InlineData(10, 10)]
    [InlineData(-1, 0)]
    public void A_token_is_checked_again_after_a_minute_or_when_it_ends(int endsAfter, int knownFor)
    {
        _tokens.Remember("token", Alice, _time.GetUtcNow().AddSeconds(endsAfter));
        if (knownFor > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(knownFor) - TimeSpan.FromTicks(1));
            Assert.NotNull(Ask("token").Result);
            _time.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Null(Ask("token").Result);
    }

    [Fact]
    public void Neither_many_tokens_nor_huge_ones_fill_the_memory()
    {
        var expiresAt = _time.GetUtcNow().AddHours(1);
        for (var i = 0; i < 20_000; i++) _tokens.Remember($"token {i}", Alice, expiresAt);
        _tokens.Remember(new('x', 100_000), Alice, expiresAt);

        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => Ask($"token {i}").Result is not null), 1, 4096);
        Assert.Null(Ask(new('x', 100_000)).Result);
    }

    private MessageReceivedContext Ask(string token)
    {
        var scheme = new AuthenticationScheme("Bearer", null, typeof(JwtBearerHandler));
        var context = new MessageReceivedContext(new DefaultHttpContext(), scheme, new JwtBearerOptions());
        _tokens.Recognise(context, token);
        return context;
    }
}
