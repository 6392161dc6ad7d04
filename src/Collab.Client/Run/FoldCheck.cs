using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Compares what this client has folded with what the server says the state comes to. One that differs is to be taken from the server, a
/// few times at most: a client that folds in another way, or a server that does, would else ask for ever.
/// </summary>
internal sealed class FoldCheck(Action<long> differs)
{
    /// <summary>So often in a row a state is taken again without one of this client's own folding that agrees.</summary>
    public const int MaxHeals = 3;

    /// <summary>More are never waited for: each is passed, or of a number that this client comes to soon.</summary>
    private const int MaxExpected = 8;

    private readonly SortedDictionary<long, string> _expected = [];
    private int _heals;
    private bool _isToBeAsked;

    /// <summary>Where the state last came from the server.</summary>
    private long _takenAt;

    /// <summary>
    /// The state began where the server's does. Before that nothing is known of it: not the fields that it goes by, either.
    /// </summary>
    public bool IsSure { get; private set; }

    /// <summary>The state is not the server's, and shall be taken from there again.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>Whether to ask for it now. It is not worth to ask again before there is another difference.</summary>
    public bool TakeQuestion()
    {
        var isToBeAsked = _isToBeAsked;
        _isToBeAsked = false;
        return isToBeAsked;
    }

    /// <summary>The server says what the state comes to after an event.</summary>
    public void Expect(StateFingerprint? fingerprint)
    {
        if (fingerprint is not { Hash: not null }) return;
        _expected[fingerprint.Sequence] = fingerprint.Hash;
        if (_expected.Count > MaxExpected) _expected.Remove(_expected.First().Key);
    }

    /// <summary>The state is one of the server's.</summary>
    public void Taken(long sequence) => (IsSure, _takenAt, IsWanted, _isToBeAsked) = (true, sequence, false, false);

    /// <summary>The state has come to an event: if the server has said what it is then, it is compared.</summary>
    public void Compare(StateFold fold)
    {
        // What is known to differ is not counted twice.
        if (!IsSure || IsWanted || _expected.Count == 0) return;
        if (_expected.TryGetValue(fold.AsOfSequence, out var hash)) Compare(fold, hash);
        while (_expected.Count > 0 && _expected.First().Key <= fold.AsOfSequence) _expected.Remove(_expected.First().Key);
    }

    /// <summary>The log is another one.</summary>
    public void Forget()
    {
        _expected.Clear();
        (IsSure, _heals, _takenAt, IsWanted, _isToBeAsked) = (false, 0, 0, false, false);
    }

    private void Compare(StateFold fold, string hash)
    {
        if (StateFingerprint.Of(fold.State).Hash == hash)
        {
            // That a state which was just taken is the server's says nothing of how this client folds.
            if (fold.AsOfSequence > _takenAt) _heals = 0;
            return;
        }
        differs(fold.AsOfSequence);
        if (_heals == MaxHeals) return;
        _heals++;
        (IsWanted, _isToBeAsked) = (true, true);
    }
}
