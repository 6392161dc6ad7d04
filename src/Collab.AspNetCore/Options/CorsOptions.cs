namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Cors</c>.</summary>
public sealed class CorsOptions
{
    /// <summary>
    /// Origins whose pages may call, such as <c>https://app.example.com</c>. Default: none, so only the server's own pages.
    /// </summary>
    public List<string> Origins { get; } = [];

    /// <summary><see cref="Origins"/> as browsers write them.</summary>
    internal string[] NormalisedOrigins() => [.. Origins.Select(WebOrigin.Normalise).OfType<string>()];
}
