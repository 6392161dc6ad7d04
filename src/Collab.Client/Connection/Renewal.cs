namespace Collab.Client;

/// <summary>
/// A connection ends when its token expires. Some time before that a new token is asked for, so that a connection with it can take over and nobody notices.
/// </summary>
internal sealed class Renewal
{
    /// <summary>How long before the end of the token.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);

    private readonly RunParts _parts;
    private readonly Action<string> _renew;
    private readonly Alarm _due;
    private Lifetime _life = new();

    /// <param name="parts">The connection's.</param>
    /// <param name="renew">Told the new token.</param>
    public Renewal(RunParts parts, Action<string> renew)
    {
        (_parts, _renew) = (parts, renew);
        _due = parts.NewAlarm(() => parts.Strand.Begin(AskAsync));
    }

    /// <summary>Of the token in use.</summary>
    public void Schedule()
    {
        var left = (_parts.Tokens.ExpiresAt ?? default) - _parts.Time.GetUtcNow();
        if (left <= TimeSpan.Zero) return;
        _due.Set(left - Before > left / 2 ? left - Before : left / 2);
    }

    public void Stop()
    {
        _due.Stop();
        _life.End();
        _life = new();
    }

    private async Task AskAsync()
    {
        var life = _life;
        var expiresAt = _parts.Tokens.ExpiresAt;
        try
        {
            var token = await _parts.Tokens.FreshAsync(life.Token);
            var isLater = _parts.Tokens.ExpiresAt is not { } end || end > expiresAt;
            if (isLater && !life.IsOver) _renew(token);
        }
        catch (Exception e)
        {
            // The server will end the connection, and the next attempt asks for a token again.
            _parts.Logger.LinkEnded(e, _parts.RunId);
        }
    }
}
