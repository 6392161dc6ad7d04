using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// The fingerprints of one feed's state. Under the feed's lock, which guards it, a state is only taken hold of; the fingerprint is made
/// where it is first written, once for all who are sent it. No event makes one by itself.
/// </summary>
internal sealed class Fingerprints(FeedLog log)
{
    /// <summary>Who follows is sent one whenever so many events have gone by.</summary>
    public const int Every = 256;

    private LazyFingerprint? _newest;
    private long _sent;

    /// <summary>That of the state as it is.</summary>
    public LazyFingerprint Now() =>
        _newest is { } known && known.Sequence == log.State.AsOfSequence ? known : _newest = new(log.State.State);

    /// <summary>
    /// The newest that is known, if a caller that has the events up to a position can compare with it, else that of the state as it is: of
    /// many who poll one in a while has it made.
    /// </summary>
    public LazyFingerprint Since(long after) => _newest is { } known && known.Sequence >= after ? known : Now();

    /// <summary>The kept events of a first load: they are behind all who will follow.</summary>
    public void StartAfter(long sequence) => _sent = sequence / Every;

    /// <summary>Whether one is due. Once it has been said, it is not for as long as it takes.</summary>
    public bool TakeDue()
    {
        var now = log.Tail.Last / Every;
        if (now == _sent) return false;
        _sent = now;
        return true;
    }
}

/// <summary>A fingerprint that is made when it is first needed, by whichever thread that is.</summary>
/// <param name="state">The state, which never changes.</param>
internal sealed class LazyFingerprint(RunState state)
{
    private volatile RunState? _state = state;
    private volatile StateFingerprint? _value;

    public long Sequence { get; } = state.AsOfSequence;

    /// <summary>Two may make it at a time; it is the same.</summary>
    public StateFingerprint Value
    {
        get
        {
            // In this order: who finds the state gone finds the value.
            if (_state is { } state)
            {
                _value = StateFingerprint.Of(state);
                _state = null;
            }
            return _value!;
        }
    }
}
