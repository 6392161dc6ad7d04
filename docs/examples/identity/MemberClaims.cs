using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Members;

/// <summary>Puts the display name into the cookie, where Collab finds it.</summary>
internal sealed class MemberClaims(UserManager<Member> users, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<Member>(users, options)
{
    /// <summary>The claim's name.</summary>
    public const string DisplayName = "display_name";

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Member user)
    {
        var claims = await base.GenerateClaimsAsync(user);
        if (user.DisplayName.Length > 0) claims.AddClaim(new Claim(DisplayName, user.DisplayName));
        return claims;
    }
}

internal static class PasswordRules
{
    public static PasswordOptions LongRatherThanOdd { get; } = new()
    {
        RequiredLength = 12,
        RequireDigit = false,
        RequireLowercase = false,
        RequireUppercase = false,
        RequireNonAlphanumeric = false,
    };
}
