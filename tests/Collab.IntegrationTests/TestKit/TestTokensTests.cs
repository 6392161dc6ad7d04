using System.Security.Claims;
using System.Text;
using Collab.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Collab.IntegrationTests.TestKit;

/// <summary>The tokens are made by hand, so an independent reader judges them here.</summary>
public sealed class TestTokensTests
{
    [Fact]
    public async Task A_token_carries_its_claims()
    {
        var result = await ValidateAsync(TestTokens.Create("alice", ["a:read", "b:write"], admin: true));

        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("alice", result.ClaimsIdentity.FindFirst("sub")?.Value);
        Assert.Equal(["a:read", "b:write"], Access(result.ClaimsIdentity));
        Assert.Equal("admin", result.ClaimsIdentity.FindFirst("role")?.Value);
    }

    [Fact]
    public async Task Without_more_a_token_may_write_everywhere_and_is_no_admin()
    {
        var result = await ValidateAsync(TestTokens.Create("alice"));

        Assert.Equal(["*:write"], Access(result.ClaimsIdentity));
        Assert.Null(result.ClaimsIdentity.FindFirst("role"));
    }

    [Fact]
    public async Task Bad_tokens_are_bad()
    {
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
        var expired = await ValidateAsync(TestTokens.Create("alice", expires: yesterday));
        var foreign = await ValidateAsync(TestTokens.Create("alice", key: new string('x', 32)));
        var tampered = await ValidateAsync(TestTokens.Tampered("alice"));
        var unsigned = await ValidateAsync(TestTokens.WithoutSignature("alice"));

        Assert.IsType<SecurityTokenExpiredException>(expired.Exception);
        Assert.IsType<SecurityTokenSignatureKeyNotFoundException>(foreign.Exception);
        Assert.IsType<SecurityTokenSignatureKeyNotFoundException>(tampered.Exception);
        Assert.IsType<SecurityTokenInvalidSignatureException>(unsigned.Exception);
    }

    private static IEnumerable<string> Access(ClaimsIdentity identity) => identity.FindAll("run_access").Select(claim => claim.Value);

    private static Task<TokenValidationResult> ValidateAsync(string token) => new JsonWebTokenHandler().ValidateTokenAsync(token, new()
    {
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestTokens.Key)),
        ValidateIssuer = false,
        ValidateAudience = false,
    });
}
