namespace Collab.Client;

/// <summary>
/// Where this user's focus is. Moves are never queued: of several within the interval only the last is sent, and those made while away are
/// not sent at all, but a client that comes back tells where the focus is now, or that it is nowhere any more: the server forgot it with
/// the last connection, or still has an old one where that was not this user's only one.
/// </summary>
internal sealed class CursorMoves
{
    private readonly Strand _strand;
    private readonly Alarm _pause;
    private ICarrier? _carrier;
    private string? _nodeId;
    private bool _isNews;

    /// <summary>Whether the server was told of a focus.</summary>
    private bool _hasTold;

    public CursorMoves(Strand strand, TimeProvider time)
    {
        _strand = strand;
        _pause = new Alarm(strand, time, () =>
        {
            if (_isNews) Send();
        });
    }

    public void Move(string? nodeId)
    {
        _nodeId = nodeId;
        _isNews = true;
        if (!_pause.IsSet) Send();
    }

    /// <summary>Moves go this way from now on; null: no way at all.</summary>
    public void Use(ICarrier? carrier)
    {
        if (ReferenceEquals(carrier, _carrier)) return;
        _pause.Stop();
        _carrier = carrier;
        if (_nodeId is not null || _hasTold) Send();
        else _isNews = false;
    }

    /// <summary>Another user is there, whose focus is not known.</summary>
    public void Forget()
    {
        _nodeId = null;
        (_isNews, _hasTold) = (false, false);
    }

    private void Send()
    {
        _isNews = false;
        if (_carrier is not { } carrier) return;
        _hasTold |= _nodeId is not null;
        _strand.Begin(() => MoveAsync(carrier, _nodeId));
        _pause.Set(carrier.CursorInterval);
    }

    private static async Task MoveAsync(ICarrier carrier, string? nodeId)
    {
        try
        {
            await carrier.MoveCursorAsync(nodeId);
        }
        catch (Exception e) when (e is CollabException or NoAnswerException)
        {
            // It mattered then; now there may be a newer one.
        }
    }
}
