using System.Security.Claims;
using Collab.AspNetCore.Security;
using Collab.UnitTests.Kit;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Collab.UnitTests.Security;

/// <summary>A token that was found genuine is known for a minute, never longer than it is valid, and not too many are. Each request gets an identity of its own.</summary>
public sealed class CheckedTokensTests
{
    private readonly ManualTime _time = new();
    private readonly CheckedTokens _tokens;
    private readonly CountingKey _key = new();
    private readonly TokenValidationParameters _parameters;

    public CheckedTokensTests()
    {
        _tokens = new(_time);
        _parameters = new()
        {
            ValidateIssuer = false,
            ValidateAudience = false,
            LifetimeValidator = (_, expires, _, _) => expires > _time.GetUtcNow().UtcDateTime,
            IssuerSigningKeyResolver = (_, _, _, _) => _key.Asked(),
        };
    }

    [Fact]
    public async Task A_genuine_token_is_checked_once_and_tells_when_it_ends()
    {
        var token = Token("alice", TimeSpan.FromHours(1));

        var first = await AskAsync(token);
        var second = await AskAsync(token);

        Assert.Equal(1, _key.Times);
        Assert.Equal("alice", second!.ClaimsIdentity.FindFirst("sub")!.Value);
        Assert.Equal(first!.SecurityToken.ValidTo, second.SecurityToken.ValidTo);
    }

    [Fact]
    public async Task What_an_application_adds_to_one_requests_identity_is_not_in_the_nexts()
    {
        var token = Token("alice", TimeSpan.FromHours(1));

        (await AskAsync(token))!.ClaimsIdentity.AddClaim(new("role", "admin"));
        (await AskAsync(token))!.ClaimsIdentity.AddClaim(new("role", "admin"));

        Assert.Null((await AskAsync(token))!.ClaimsIdentity.FindFirst("role"));
    }

    [Fact]
    public async Task A_token_that_is_not_genuine_is_never_known()
    {
        var token = Token("alice", TimeSpan.FromHours(1), new SymmetricSecurityKey(new byte[64]));

        Assert.Null(await AskAsync(token));
        Assert.Null(await AskAsync(token));
        Assert.Equal(2, _key.Times);
    }

    [Theory]
    [InlineData(3600, 60)]
    [InlineData(10, 10)]
    public async Task A_token_is_checked_again_after_a_minute_or_when_it_ends(int endsAfter, int knownFor)
    {
        var token = Token("alice", TimeSpan.FromSeconds(endsAfter));
        await AskAsync(token);

        _time.Advance(TimeSpan.FromSeconds(knownFor) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await AskAsync(token));
        Assert.Equal(1, _key.Times);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(endsAfter > knownFor, await AskAsync(token) is not null);

        Assert.Equal(2, _key.Times);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_no_token_known_for_longer()
    {
        var token = Token("alice", TimeSpan.FromHours(1));
        await AskAsync(token);

        _time.SetWallClockBack(TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.NotNull(await AskAsync(token));
        Assert.Equal(2, _key.Times);
    }

    [Fact]
    public async Task A_clock_that_is_put_forward_ends_the_tokens_whose_time_has_come_and_no_others()
    {
        var (brief, lasting) = (Token("alice", TimeSpan.FromMinutes(30)), Token("bob", TimeSpan.FromHours(2)));
        await AskAsync(brief);
        await AskAsync(lasting);

        _time.SetWallClockBack(-TimeSpan.FromHours(1));

        Assert.Null(await AskAsync(brief));
        var checks = _key.Times;
        Assert.NotNull(await AskAsync(lasting));
        Assert.Equal(checks, _key.Times);
    }

    [Fact]
    public async Task Neither_many_tokens_nor_huge_ones_fill_the_memory()
    {
        var tokens = Enumerable.Range(0, 5000).Select(i => Token($"user {i}", TimeSpan.FromHours(1))).Append(Token(new('x', 5000), TimeSpan.FromHours(1))).ToArray();
        foreach (var token in tokens) await AskAsync(token);
        var before = _key.Times;

        foreach (var token in tokens) await AskAsync(token);

        Assert.Equal(tokens.Length, before);
        Assert.InRange(_key.Times - before, tokens.Length - 4096, tokens.Length);
    }

    private async Task<TokenValidationResult?> AskAsync(string token) =>
        await _tokens.ValidateTokenAsync(token, _parameters) is { IsValid: true } good ? good : null;

    private string Token(string user, TimeSpan life, SecurityKey? key = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        new SecurityTokenDescriptor
        {
            Subject = new ClaimsIdentity([new("sub", user)]),
            // Whole seconds, as a token has them.
            Expires = DateTimeOffset.FromUnixTimeSeconds((_time.GetUtcNow() + life).ToUnixTimeSeconds()).UtcDateTime,
            SigningCredentials = new(key ?? CountingKey.Key, SecurityAlgorithms.HmacSha256),
        });

    /// <summary>Counts how often a signature was checked.</summary>
    private sealed class CountingKey
    {
        public static readonly SymmetricSecurityKey Key = new("0123456789abcdef0123456789abcdef"u8.ToArray());

        public int Times { get; private set; }

        public IEnumerable<SecurityKey> Asked()
        {
            Times++;
            return [Key];
        }
    }
}
