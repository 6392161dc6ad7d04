using System.Globalization;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>What is written to a run's row with the state that trimmed events have left.</summary>
/// <param name="FoldedSignature">The signature of the last of them; null: it had none.</param>
/// <param name="StateSignature">See <see cref="RunSeal.StateSignature"/>.</param>
internal readonly record struct SignedState(string? FoldedSignature, string StateSignature)
{
    /// <summary>
    /// Signs a state whose events have been checked. One that comes from a wrong event, or from a wrong state, is not signed, and has the
    /// number of that event in place of its signature: it would else be right from now on.
    /// </summary>
    public static SignedState Of(EventSigning signing, RunSeal seal, ChainCheck check, StateFold state)
    {
        check.EndPart();
        return new(check.Last, check.Wrong is { } wrong
            ? string.Create(CultureInfo.InvariantCulture, $"{RunSeal.WrongMark}{wrong.SequenceNumber}")
            : signing.Keys.SignState(seal.RunId, seal.Epoch, state.AsOfSequence, state.ToJson(), check.Last));
    }
}
