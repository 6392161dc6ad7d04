using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The answer to <c>GET …/verify</c>: whether a run is as it was signed.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">Identity of the run's log.</param>
/// <param name="Ok">True: nothing is wrong. It says nothing of events that were stored before there was a key.</param>
/// <param name="LastSequence">The newest event's number; 0 before the first.</param>
/// <param name="OldestSequence">The oldest kept event's number; 0 if none is kept.</param>
/// <param name="SignedFrom">
/// The first event that was signed, kept or not; null, and absent: none is. Events before it cannot be verified.
/// </param>
/// <param name="Verified">How many kept events have been verified, up to the first wrong one.</param>
/// <param name="NotSigned">How many kept events were stored before there was a key.</param>
/// <param name="StateVerified">Whether the state that trimmed events have left is signed, and is as it was signed.</param>
/// <param name="Wrong">The first that is wrong; null, and absent, if nothing is.</param>
public sealed record VerifyResult(
    Guid RunId,
    Guid Epoch,
    bool Ok,
    long LastSequence,
    long OldestSequence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SignedFrom,
    int Verified,
    int NotSigned,
    bool StateVerified,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WrongEvent? Wrong);
