using System.Security.Cryptography;

namespace Collab.Protocol;

/// <summary>
/// What a run's state comes to after an event, short enough to be sent along: who folds the same events as the server has the same one.
/// States that the application adds are not in it, for not every client has their rules. docs/protocol.md says how it is made.
/// </summary>
/// <param name="Sequence">The last event that is folded in; 0 before the first.</param>
/// <param name="Hash">The first 16 bytes of the SHA-256 of the state's canonical form, as 32 digits: 0 to 9, a to f.</param>
public sealed record StateFingerprint(long Sequence, string Hash)
{
    private const int Bytes = 16;

    /// <summary>The fingerprint of a state, as server and clients make it.</summary>
    /// <param name="state">A state of a join, of <c>GET …/state</c>, or of one's own.</param>
    /// <returns>At the number that the state has.</returns>
    public static StateFingerprint Of(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var form = new CanonicalForm();
        form.Write(state);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(form.Written, hash);
        return new(state.AsOfSequence, Convert.ToHexStringLower(hash[..Bytes]));
    }
}
