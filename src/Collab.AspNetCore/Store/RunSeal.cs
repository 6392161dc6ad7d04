namespace Collab.AspNetCore.Store;

/// <summary>What a run's row says of its chain of signatures.</summary>
internal sealed record RunSeal(Guid RunId, Guid Epoch, long LastSequence, long FoldedSequence, byte[] FoldedState)
{
    /// <summary>The columns of a run's row, in the order of <see cref="Of"/>.</summary>
    public const string Columns = "signed_epoch, signed_from, signed_sequence, signature, folded_signature, state_signature";

    /// <summary>What begins the state's signature where an event was wrong when it was trimmed; its number follows.</summary>
    public const char WrongMark = '!';

    /// <summary>Whether the rest belongs to this log.</summary>
    public bool IsSigned { get; init; }

    /// <summary>The first event that was signed.</summary>
    public long SignedFrom { get; init; }

    /// <summary>The newest event that was signed.</summary>
    public long SignedSequence { get; init; }

    /// <summary>The signature of that event.</summary>
    public string? Signature { get; init; }

    /// <summary>The signature of the last event that was trimmed.</summary>
    public string? FoldedSignature { get; init; }

    /// <summary>That of the state, or <see cref="WrongMark"/> and a number.</summary>
    public string? StateSignature { get; init; }

    /// <summary>Reads <see cref="Columns"/>.</summary>
    /// <param name="seal">The rest of the row.</param>
    /// <param name="row">The row.</param>
    /// <param name="first">The first of the columns.</param>
    public static RunSeal Of(RunSeal seal, System.Data.Common.DbDataReader row, int first)
    {
        if (row.IsDBNull(first) || row.GetGuid(first) != seal.Epoch || row.IsDBNull(first + 1) || row.IsDBNull(first + 2)) return seal;
        return seal with
        {
            IsSigned = true,
            SignedFrom = row.GetInt64(first + 1),
            SignedSequence = row.GetInt64(first + 2),
            Signature = Text(first + 3),
            FoldedSignature = Text(first + 4),
            StateSignature = Text(first + 5),
        };

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }
}
