using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Collab.IntegrationTests.Security;

/// <summary>The least that an OpenID Connect issuer has: its discovery document, one RSA key, and tokens signed with it.</summary>
internal sealed class OidcAuthority : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private OidcAuthority()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Issuer, jwks_uri = $"{Issuer}/keys" }));
        _app.MapGet("/keys", () => Results.Json(new { keys = new[] { PublicKey() } }));
    }

    /// <summary>Its address, without a slash at the end.</summary>
    public string Issuer => _app.Urls.Single();

    public static async Task<OidcAuthority> StartAsync()
    {
        var authority = new OidcAuthority();
        await authority._app.StartAsync();
        return authority;
    }

    /// <summary>A token of this issuer, or one that only says so.</summary>
    public string Token(string user, string audience = "collab", string? issuer = null, RSA? key = null)
    {
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var claims = $$"""{"iss":"{{issuer ?? Issuer}}","aud":"{{audience}}","sub":"{{user}}","exp":{{expires}},"run_access":"*:write"}""";
        var content = $"{Encode("""{"alg":"RS256","typ":"JWT","kid":"one"}""")}.{Encode(claims)}";
        var signature = (key ?? _key).SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>A token signed with the public key as if it were a symmetric one: the oldest trick there is.</summary>
    public string TokenSignedWithThePublicKey(string user)
    {
        var claims = $$"""{"iss":"{{Issuer}}","aud":"collab","sub":"{{user}}","exp":4102444800,"run_access":"*:write"}""";
        var content = $"{Encode("""{"alg":"HS256","typ":"JWT","kid":"one"}""")}.{Encode(claims)}";
        var signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(_key.ExportRSAPublicKeyPem()), Encoding.ASCII.GetBytes(content));
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private JsonElement PublicKey()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.SerializeToElement(new
        {
            kty = "RSA",
            use = "sig",
            alg = "RS256",
            kid = "one",
            n = Base64Url.EncodeToString(key.Modulus),
            e = Base64Url.EncodeToString(key.Exponent),
        });
    }
}
