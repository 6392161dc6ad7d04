using System.Text;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Signs a copy of a run: it has an epoch of its own, and so a chain of its own. What is wrong in the original is not signed in the copy,
/// for it would be right there.
/// </summary>
/// <param name="signing">The keys.</param>
/// <param name="original">The original, as it was read.</param>
/// <param name="runId">The copy.</param>
/// <param name="epoch">Its epoch.</param>
/// <param name="after">The copy's state is that after this event; those after it are copied.</param>
internal sealed class ChainCopy(EventSigning signing, RunSeal original, Guid runId, Guid epoch, long after)
{
    private readonly ChainCheck _check = new(signing, original);

    /// <summary>The numbers that were signed, without a hole.</summary>
    public List<long> Sequences { get; } = [];

    /// <summary>Their signatures.</summary>
    public List<string> Signatures { get; } = [];

    public void Begin() => _check.Begin();

    /// <summary>The next event of the original after its state, up to the last that is copied.</summary>
    public void Next(in ChainRow row)
    {
        _check.Next(row);
        if (row.Sequence <= after || row.Signature is null || row.Signature != _check.Last) return;
        Sequences.Add(row.Sequence);
        Signatures.Add(row.Sign(runId, epoch, Signatures.Count == 0 ? null : Signatures[^1], signing.Keys));
    }

    /// <summary>The signature of the copy's state.</summary>
    /// <param name="state">The state, as JSON.</param>
    /// <returns>Null: the copy is not signed.</returns>
    public string? End(string state)
    {
        _check.EndPart();
        return _check.Wrong is null && Sequences.Count > 0
            ? signing.Keys.SignState(runId, epoch, after, Encoding.UTF8.GetBytes(state), last: null)
            : null;
    }
}
