namespace Collab.Client;

/// <summary>
/// How long a token lives. Its times are the issuer's, and this machine's wall clock may be hours off: what counts is the server's time
/// once that is known, and until then no more than the whole life that the token was given.
/// </summary>
internal sealed class TokenLife
{
    private readonly DateTimeOffset _expiresAt;
    private readonly long _cameAt;
    private readonly TimeSpan? _leftAtFirst;

    private TokenLife(DateTimeOffset expiresAt, long cameAt, TimeSpan? leftAtFirst) =>
        (_expiresAt, _cameAt, _leftAtFirst) = (expiresAt, cameAt, leftAtFirst);

    /// <summary>Of a token that has come just now; null if it does not say when it ends.</summary>
    public static TokenLife? Of(TokenClaims claims, TimeProvider time)
    {
        if (claims.ExpiresAt is not { } end) return null;
        var whole = claims.IssuedAt is { } start && start < end ? end - start : (TimeSpan?)null;
        var byWallClock = end - time.GetUtcNow();
        var left = byWallClock > TimeSpan.Zero && !(whole < byWallClock) ? byWallClock : whole;
        return new(end, time.GetTimestamp(), left);
    }

    /// <summary>What is left of it; null if nobody can say.</summary>
    public TimeSpan? Left(TimeProvider time, ServerClock server) =>
        server.Now is { } now ? _expiresAt - now : _leftAtFirst - time.GetElapsedTime(_cameAt);
}

/// <summary>The server's clock, as its answers tell it.</summary>
internal sealed class ServerClock(TimeProvider time)
{
    private (DateTimeOffset Time, long At)? _told;

    /// <summary>Null before the first answer.</summary>
    public DateTimeOffset? Now => _told is { } told ? told.Time + time.GetElapsedTime(told.At) : null;

    /// <summary>What the server's clock says now.</summary>
    public void Tell(DateTimeOffset now) => _told = (now, time.GetTimestamp());
}
