using System.Buffers.Text;
using System.Text.Json;

namespace Collab.Client;

/// <summary>The application's tokens: the newest one, and what it says. Used from turns only.</summary>
/// <param name="ask">Gets one from the application.</param>
/// <param name="strand">The turns.</param>
/// <param name="time">Tells whether one has ended.</param>
/// <param name="taken">There is a new token, and with it perhaps another user.</param>
/// <param name="inUse">Another token than before is in use from now on: what the server allowed or forbade before says nothing any more.</param>
internal sealed class TokenSource(Func<CancellationToken, ValueTask<string>> ask, Strand strand, TimeProvider time, Action taken, Action inUse)
{
    /// <summary>A token this close to its end is not used for a request any more.</summary>
    private static readonly TimeSpan LastMoments = TimeSpan.FromSeconds(5);

    private string? _text;

    /// <summary>The one that the connection or the requests of now work with. The newest one may still be on its way to that.</summary>
    private string? _inUse;

    /// <summary>The <c>sub</c> of the newest token; null while there is none.</summary>
    public string? UserId { get; private set; }

    /// <summary>When the newest token ends; null if it does not say.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>A new token from the application. One that comes after nobody waits any more is not taken.</summary>
    public async Task<string> FreshAsync(CancellationToken stop)
    {
        var text = await strand.OutsideAsync(() => ask(stop)).UntilAsync(stop);
        // It may have come just before.
        stop.ThrowIfCancellationRequested();
        (var userId, ExpiresAt) = Read(text);
        _text = text;
        UserId = userId ?? UserId;
        taken();
        return text;
    }

    /// <summary>For a request: the newest token, or another one if that has ended, is about to, or was refused.</summary>
    public async Task<string> CurrentAsync(CancellationToken stop)
    {
        var isUsable = ExpiresAt is not { } end || end - time.GetUtcNow() > LastMoments;
        var text = _text is { } newest && isUsable ? newest : await FreshAsync(stop);
        Use(text);
        return text;
    }

    /// <summary>A connection works with this token from now on.</summary>
    public void Use(string text)
    {
        if (text == _inUse) return;
        _inUse = text;
        inUse();
    }

    /// <summary>The server refused the newest token.</summary>
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
