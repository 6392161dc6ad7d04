namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Auth</c>. Set <see cref="Authority"/> or <see cref="SigningKey"/>.</summary>
public sealed class AuthOptions
{
    /// <summary>The OIDC issuer whose keys sign tokens, an https address (http only on loopback). Needs <see cref="Audience"/>.</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// What a token's <c>aud</c> must be; <c>*</c>: any. Required with an <see cref="Authority"/>, which signs tokens for other
    /// applications too. Default: not checked.
    /// </summary>
    public string? Audience { get; set; }

    /// <summary>A symmetric key for HS256, at least 32 bytes of UTF-8. A secret: keep it out of files that are shared.</summary>
    public string? SigningKey { get; set; }

    /// <summary>The claim that holds a user's display name. Default: <c>name</c>. A user without it is shown by id.</summary>
    [System.ComponentModel.DataAnnotations.Required(AllowEmptyStrings = false, ErrorMessage = "must name a claim")]
    public string NameClaim { get; set; } = "name";
}
