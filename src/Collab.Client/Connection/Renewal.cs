namespace Collab.Client;

/// <summary>
/// A connection ends when its token expires. Some time before that a new token is asked for, so that a connection with it can take over and
/// nobody notices.
/// </summary>
internal sealed class Renewal
{
    /// <summary>How long before the end of the token.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);

    private readonly TokenSource _tokens;
    private readonly Action<string?> _renew;
    private readonly Action<Exception> _failed;
    private readonly Alarm _due;
    private Lifetime _life = new();

    /// <summary>The token in the place of which another one was asked for.</summary>
    private int _asked;

    /// <param name="tokens">Where tokens come from.</param>
    /// <param name="strand">The turns.</param>
    /// <param name="time">When it is due.</param>
    /// <param name="renew">Told the new token.</param>
    /// <param name="failed">Told why there is none.</param>
    public Renewal(TokenSource tokens, Strand strand, TimeProvider time, Action<string?> renew, Action<Exception> failed)
    {
        (_tokens, _renew, _failed) = (tokens, renew, failed);
        _due = new Alarm(strand, time, () => strand.Begin(AskAsync));
    }

    /// <summary>Of the token in use; again when the server's clock is known better.</summary>
    public void Schedule()
    {
        if (_tokens.Left is not { } left || left <= TimeSpan.Zero || _asked == _tokens.Version) return;
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
        _asked = _tokens.Version;
        var left = _tokens.Left;
        try
        {
            var token = await _tokens.FreshAsync(life.Token);
            var isLater = _tokens.Left is not { } longer || longer > left;
            if (isLater && !life.IsOver) _renew(token);
        }
        catch (Exception e)
        {
            _failed(e);
        }
    }
}
