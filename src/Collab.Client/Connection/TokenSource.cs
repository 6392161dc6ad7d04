using System.Buffers.Text;
using System.Text.Json;

namespace Collab.Client;

/// <summary>The application's tokens: the one in use, and what it says. Used from turns only.</summary>
internal sealed class TokenSource(Func<CancellationToken, ValueTask<string>> ask, Strand strand, TimeProvider time, Action userKnown)
{
    /// <summary>A token this close to its end is not used for a request any more.</summary>
    private static readonly TimeSpan LastMoments = TimeSpan.FromSeconds(5);

    private string? _text;

    /// <summary>The <c>sub</c> of the newest token; null while there is none.</summary>
    public string? UserId { get; private set; }

    /// <summary>When the newest token ends; null if it does not say.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>A new token from the application.</summary>
    public async Task<string> FreshAsync(CancellationToken stop)
    {
        var text = await strand.OutsideAsync(() => ask(stop)).UntilAsync(stop);
        (var userId, ExpiresAt) = Read(text);
        _text = text;
        UserId = userId ?? UserId;
        userKnown();
        return text;
    }

    /// <summary>The token in use, or a new one if that has ended, is about to, or was refused.</summary>
    public async Task<string> CurrentAsync(CancellationToken stop)
    {
        var isUsable = ExpiresAt is not { } end || end - time.GetUtcNow() > LastMoments;
        return _text is { } text && isUsable ? text : await FreshAsync(stop);
    }

    /// <summary>The server refused the token in use.</summary>
    public void Forget() => _text = null;

    /// <summary>The claims of a JWT, unchecked: the server checks them. Nothing for a token of another kind.</summary>
    private static (string? UserId, DateTimeOffset? ExpiresAt) Read(string token)
    {
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.') is [_, var payload, ..] ? payload : ""));
            var end = claims.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetDouble(out var seconds)
                ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
                : (DateTimeOffset?)null;
            return (claims.RootElement.Text("sub"), end);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return default;
        }
    }
}
