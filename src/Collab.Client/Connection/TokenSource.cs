namespace Collab.Client;

/// <summary>The application's tokens: the newest one, and what it says. Used from turns only.</summary>
/// <param name="options">Say how to get one; without that the user is signed in by other means, and there are none.</param>
/// <param name="strand">The turns.</param>
/// <param name="time">Tells whether one has ended.</param>
/// <param name="taken">There is a new token, and with it perhaps another user.</param>
/// <param name="inUse">
/// Another token than before is in use from now on: what the server allowed or forbade before says nothing any more.
/// </param>
internal sealed class TokenSource(CollabClientOptions options, Strand strand, TimeProvider time, Action taken, Action inUse)
{
    /// <summary>A token this close to its end is not used for a request any more.</summary>
    private static readonly TimeSpan LastMoments = TimeSpan.FromSeconds(5);

    private readonly ServerClock _server = new(time);
    private string? _text;
    private bool _isRefused = true;
    private TokenLife? _life;

    /// <summary>The one that the connection or the requests of now work with. The newest one may still be on its way to that.</summary>
    private string? _inUse;
    private bool _isInUse;

    /// <summary>The newest token's user; null while there is none.</summary>
    public string? UserId { get; private set; }

    /// <summary>The user of the token in use.</summary>
    public string? UserInUse => _isInUse ? UserOf(_inUse) : null;

    /// <summary>How long the newest token still lives; null if it does not say.</summary>
    public TimeSpan? Left => _life?.Left(time, _server);

    /// <summary>Changes with each token that is taken.</summary>
    public int Version { get; private set; }

    /// <summary>Whose a token is; empty if neither it nor the application says.</summary>
    public string UserOf(string? token) => TokenClaims.Of(token).UserId ?? options.UserId ?? "";

    /// <summary>
    /// A new token from the application; null where there are none. One that comes after nobody waits any more is not taken.
    /// </summary>
    public async Task<string?> FreshAsync(CancellationToken stop)
    {
        var text = options.Token is { } ask ? await strand.OutsideAsync(() => ask(stop)).UntilAsync(stop) : null;
        // It may have come just before.
        stop.ThrowIfCancellationRequested();
        _life = TokenLife.Of(TokenClaims.Of(text), time);
        (_text, _isRefused, UserId) = (text, false, UserOf(text));
        Version++;
        taken();
        return text;
    }

    /// <summary>For a request: the newest token, or another one if that has ended, is about to, or was refused.</summary>
    public async Task<string?> CurrentAsync(CancellationToken stop)
    {
        var isUsable = !_isRefused && !(Left <= LastMoments);
        var text = isUsable ? _text : await FreshAsync(stop);
        Use(text);
        return text;
    }

    /// <summary>A connection works with this token from now on.</summary>
    public void Use(string? text)
    {
        if (_isInUse && text == _inUse) return;
        (_inUse, _isInUse) = (text, true);
        inUse();
    }

    /// <summary>The server refused the newest token.</summary>
    public void Forget() => _isRefused = true;

    /// <summary>The time by the server's clock; by this machine's until the server has told.</summary>
    public DateTimeOffset ServerNow => _server.Now ?? time.GetUtcNow();

    /// <summary>What the server's clock says now.</summary>
    public void TellServerTime(DateTimeOffset now) => _server.Tell(now);
}
