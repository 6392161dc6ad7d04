using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tokens;

/// <summary>Issues two kinds of tokens: for the application's own API, and for one run of Collab.</summary>
internal sealed class Issuer(IConfiguration configuration, TimeProvider time)
{
    public const string Scheme = "Application";
    public const string RunAudience = "collab";
    private const string AppAudience = "application";
    private const string Name = "https://application.example";

    // Short: a stolen one is soon worth nothing. Clients fetch the next one half a minute before it ends.
    private static readonly TimeSpan RunLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AppLifetime = TimeSpan.FromHours(8);

    /// <summary>Without one in the configuration it is this process's own, and a restart signs everybody out.</summary>
    public string Key { get; } = configuration["Tokens:Key"] ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private SymmetricSecurityKey SecurityKey => new(Encoding.UTF8.GetBytes(Key));

    public string ForApp(Person person) => Create(person, AppAudience, AppLifetime);

    public string ForRun(Person person, Guid run) => Create(person, RunAudience, RunLifetime, ("run_access", $"{run}:write"));

    /// <summary>What the application's own scheme takes.</summary>
    public void Accept(JwtBearerOptions jwt)
    {
        jwt.MapInboundClaims = false;
        jwt.TokenValidationParameters = new()
        {
            ValidIssuer = Name,
            ValidAudience = AppAudience,
            IssuerSigningKey = SecurityKey,
            NameClaimType = "name",
        };
    }

    private string Create(Person person, string audience, TimeSpan lifetime, params (string Name, string Value)[] more)
    {
        // "sub" is the user of each event, "name" is what people are shown: the claim that Collab:Auth:NameClaim names.
        var claims = new Dictionary<string, object> { ["sub"] = person.Id, ["name"] = person.Name };
        foreach (var (name, value) in more) claims[name] = value;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = audience,
            Claims = claims,
            Expires = time.GetUtcNow().Add(lifetime).UtcDateTime,
            SigningCredentials = new(SecurityKey, SecurityAlgorithms.HmacSha256),
        });
    }
}
