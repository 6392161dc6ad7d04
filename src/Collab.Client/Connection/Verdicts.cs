using Collab.Protocol;

namespace Collab.Client;

/// <summary>Whether what the server says ends it for good, and why it ended the connection last.</summary>
internal sealed class Verdicts(TokenSource tokens, TimeProvider time)
{
    /// <summary>Tokens that were refused since one was taken.</summary>
    private int _refusedTokens;

    /// <summary>Why the server ended the connection last.</summary>
    public ConnectionEnding? Reason { get; private set; }

    /// <summary>Nothing that was said before counts any more.</summary>
    public void Forget() => (_refusedTokens, Reason) = (0, null);

    /// <summary>The server took the token.</summary>
    public void TokenTaken() => _refusedTokens = 0;

    /// <param name="reason">Why an attempt, a connection or a poll has ended; null if nobody knows.</param>
    public Verdict On(Exception? reason)
    {
        var refusal = Refusal.OfHub(reason);
        if (reason is EndedByServerException ended)
        {
            Tell(ended.Code, ended.Message);
            if (ended is { Code: EndingCode.Revoked, AllowReconnect: false }) refusal = new(CollabErrorCode.Forbidden, ended.Message);
        }
        if (refusal is null) return default;
        if (refusal.Ending is { } ending) Tell(ending, refusal.Message);
        if (refusal.Code == CollabErrorCode.Unauthorized)
        {
            tokens.Forget();
            _refusedTokens++;
        }
        // A client that was only sent away may come back, however the answer says it. One token that is refused may just be old; a second
        // one is not.
        var isForbidden = refusal.Code is CollabErrorCode.Forbidden && refusal.Ending is not EndingCode.Kicked;
        return new(refusal, isForbidden || refusal.Code is CollabErrorCode.InvalidEvent || _refusedTokens > 1);
    }

    private void Tell(EndingCode code, string message) => Reason = new(code, message, time.GetUtcNow());
}
