using Collab.Protocol;

namespace Collab.Client;

/// <summary>Looks at the events of a run as they are applied, and finds the first that is not as the server signed it.</summary>
internal sealed class SignatureCheck(SigningKeys keys, Action<WrongEvent> found)
{
    private bool _isSigned;

    /// <summary>The last event, and what the next signature must go on from; null: it has none.</summary>
    private (long Sequence, string? Link) _last;

    /// <summary>The first that is wrong; null: none is.</summary>
    public WrongEvent? Wrong { get; private set; }

    /// <summary>The next event is about to be applied.</summary>
    public void Take(Guid epoch, CollaborationEvent e, long sequence)
    {
        if (Wrong is not null) return;
        var isNext = _last.Sequence == sequence - 1;
        var isRead = EventSignature.TryParse(e.Signature, out var signature);
        var reason = e.Signature is null ? _isSigned ? WrongReasons.NotSigned : null
            : !isRead ? WrongReasons.Changed
            : !keys.Knows(signature.KeyId) ? WrongReasons.UnknownKey
            : !keys.IsOf(EventOf(epoch, e, sequence), signature) || (isNext && signature.Previous != _last.Link) ? WrongReasons.Changed
            : null;
        _isSigned |= e.Signature is not null;
        _last = (sequence, isRead ? signature.Link : null);
        if (reason is null) return;
        Wrong = WrongReasons.At(sequence, reason);
        found(Wrong);
    }

    /// <summary>The run's log is another one.</summary>
    public void Forget() => (Wrong, _isSigned, _last) = (null, false, default);

    private static SignedEvent EventOf(Guid epoch, CollaborationEvent e, long sequence) =>
        new(e.RunId, epoch, sequence, e.MessageId, e.EventType, e.UserId, e.UserName, e.Timestamp, e.Data);
}
