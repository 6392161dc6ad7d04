namespace Collab.Client;

/// <summary>
/// A connection ends when its token expires. Some time before that a new token is asked for, so that a connection with it can take over and nobody notices.
/// </summary>
internal sealed class Renewal
{
    /// <summary>How long before the end of the token.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);

    private readonly RunParts _parts;
    private readonly Action<string?> _renew;
    private readonly Alarm _due;
    private Lifetime _life = new();

    /// <summary>The token in the place of which another one was asked for.</summary>
    private int _asked;

    /// <param name="parts">The connection's.</param>
    /// <param name="renew">Told the new token.</param>
    public Renewal(RunParts parts, Action<string?> renew)
    {
        (_parts, _renew) = (parts, renew);
        _due = parts.NewAlarm(() => parts.Strand.Begin(AskAsync));
    }

    /// <summary>Of the token in use; again when the server's clock is known better.</summary>
    public void Schedule()
    {
        if (_parts.Tokens.Left is not { } left || left <= TimeSpan.Zero || _asked == _parts.Tokens.Version) return;
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
        var tokens = _parts.Tokens;
        _asked = tokens.Version;
        var left = tokens.Left;
        try
        {
            var token = await tokens.FreshAsync(life.Token);
            var isLater = tokens.Left is not { } longer || longer > left;
            if (isLater && !life.IsOver) _renew(token);
        }
        catch (Exception e)
        {
            // The server will end the connection, and the next attempt asks for a token again.
            _parts.Logger.LinkEnded(e, _parts.RunId);
        }
    }
}
