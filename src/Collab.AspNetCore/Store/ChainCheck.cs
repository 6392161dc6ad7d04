using System.Globalization;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Looks at the rows of a run one after the other, and finds the first that is not as it was signed. It keeps none of them: what is wrong
/// with one is told by the next, which has its number where a row was put in between.
/// </summary>
internal sealed class ChainCheck(EventSigning signing, RunSeal seal)
{
    /// <summary>So far from its place an event is looked for.</summary>
    private const int Reach = 1000;

    private long _next = seal.FoldedSequence + 1;
    private (string Reason, long MovedFrom)? _suspect;

    /// <summary>The first that is wrong; null: nothing is.</summary>
    public WrongEvent? Wrong { get; private set; }

    public int Verified { get; private set; }

    public int NotSigned { get; private set; }

    public bool StateVerified { get; private set; }

    /// <summary>The signature of the last row.</summary>
    public string? Last { get; private set; }

    /// <summary>Before the first row: the state that the trimmed events have left.</summary>
    public void Begin()
    {
        if (!seal.IsSigned || seal.FoldedSequence == 0) return;
        Last = seal.FoldedSignature;
        var signature = seal.StateSignature;
        if (signature is null)
        {
            // What was trimmed before anything was signed has left a state that nothing can be said of.
            if (seal.SignedFrom <= seal.FoldedSequence) Fail(seal.FoldedSequence, WrongReasons.State);
        }
        else if (signature.StartsWith(RunSeal.WrongMark))
        {
            _ = long.TryParse(signature.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence);
            Fail(sequence, WrongReasons.Changed);
        }
        else if (EventSignature.TryParse(signature, out var parsed) && !signing.Keys.Knows(parsed.KeyId))
        {
            Fail(seal.FoldedSequence, WrongReasons.UnknownKey);
        }
        else
        {
            StateVerified = signing.Keys.IsOfState(
                seal.RunId, seal.Epoch, seal.FoldedSequence, seal.FoldedState, seal.FoldedSignature, signature);
            if (!StateVerified) Fail(seal.FoldedSequence, WrongReasons.State);
        }
    }

    /// <summary>The next row, in the order of their numbers.</summary>
    public void Next(in ChainRow row)
    {
        if (Wrong is not null) return;
        if (_suspect is not null) Convict(row);
        else if (row.Sequence < _next || row.Sequence > seal.LastSequence) Fail(row.Sequence, WrongReasons.Inserted);
        else if (row.Sequence > _next) Fail(_next, WrongReasons.Removed);
        else Check(row);
        if (_suspect is null) _next++;
    }

    /// <summary>After the last row of all.</summary>
    public void End()
    {
        if (Wrong is not null) return;
        if (_suspect is { } suspect)
        {
            Fail(_next, seal.IsSigned && _next > seal.SignedSequence ? WrongReasons.Inserted : ReasonOf(suspect));
            return;
        }
        if (_next <= seal.LastSequence) Fail(_next, WrongReasons.Removed);
        else if (seal.IsSigned && seal.SignedSequence > seal.LastSequence) Fail(_next, WrongReasons.Removed);
        else if (Last != (seal.IsSigned ? seal.Signature : null)) Fail(seal.LastSequence, WrongReasons.Changed);
    }

    /// <summary>After the last row that is trimmed now.</summary>
    public void EndPart()
    {
        if (Wrong is null && _suspect is { } suspect) Fail(_next, ReasonOf(suspect));
    }

    private void Check(in ChainRow row)
    {
        if (row.Signature is null)
        {
            if (Last is not null || (seal.IsSigned && row.Sequence >= seal.SignedFrom) || signing.Demands(row.Timestamp))
                _suspect = (WrongReasons.NotSigned, 0);
            else NotSigned++;
            return;
        }
        if (EventSignature.TryParse(row.Signature, out var signature) && !signing.Keys.Knows(signature.KeyId))
        {
            Fail(row.Sequence, WrongReasons.UnknownKey);
        }
        else if (!row.IsSignedAs(row.Sequence, seal, signing.Keys))
        {
            _suspect = (WrongReasons.Changed, MovedFrom(row));
        }
        else if (signature.Previous != (EventSignature.TryParse(Last, out var before) ? before.Link : null))
        {
            // The one before has lost its signature, and all before it.
            if (Last is null && row.Sequence > seal.FoldedSequence + 1) Fail(row.Sequence - 1, WrongReasons.NotSigned);
            else Fail(row.Sequence, WrongReasons.Changed);
        }
        else
        {
            Last = row.Signature;
            Verified++;
        }
    }

    /// <summary>What is wrong with the row before.</summary>
    private void Convict(in ChainRow next)
    {
        var suspect = _suspect!.Value;
        _suspect = null;
        var reason = suspect.MovedFrom > 0
            ? suspect.MovedFrom > _next && next.IsSignedAs(suspect.MovedFrom + 1, seal, signing.Keys)
                ? WrongReasons.Removed : WrongReasons.OutOfOrder
            : next.IsSignedAs(_next, seal, signing.Keys) ? WrongReasons.Inserted : suspect.Reason;
        Fail(_next, reason);
    }

    private static string ReasonOf((string Reason, long MovedFrom) suspect) =>
        suspect.MovedFrom > 0 ? WrongReasons.OutOfOrder : suspect.Reason;

    /// <summary>Which number the row had when it was signed; 0: it is not known.</summary>
    private long MovedFrom(in ChainRow row)
    {
        for (var distance = 1; distance <= Reach; distance++)
        {
            if (row.IsSignedAs(row.Sequence + distance, seal, signing.Keys)) return row.Sequence + distance;
            if (row.Sequence > distance && row.IsSignedAs(row.Sequence - distance, seal, signing.Keys)) return row.Sequence - distance;
        }
        return 0;
    }

    private void Fail(long sequence, string reason) => Wrong = WrongReasons.At(sequence, reason);

    /// <summary>What came of it, when all rows have been seen.</summary>
    public VerifyResult ToResult() => new(
        seal.RunId, seal.Epoch, Wrong is null, seal.LastSequence, seal.FoldedSequence < seal.LastSequence ? seal.FoldedSequence + 1 : 0,
        seal.IsSigned ? seal.SignedFrom : null, Verified, NotSigned, StateVerified, Wrong);
}
