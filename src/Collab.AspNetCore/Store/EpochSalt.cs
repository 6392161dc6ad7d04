using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The epoch of a run before its first event. It follows from the store's salt and the run's id, so that who joins an empty run is told the
/// epoch that the first event will make real, whichever server writes it, and nothing has to be stored or remembered for that. The salt
/// itself stays a secret of the servers that share the store: what clients see is made of a hash of it.
/// </summary>
internal sealed class EpochSalt
{
    public const string ReadSql = "SELECT epoch_salt FROM collaboration_store";

    private readonly Lock _gate = new();
    private Guid? _epochs;
    private byte[] _cursorKey = [];

    public bool IsKnown { get { lock (_gate) return _epochs is not null; } }

    /// <summary>The key that seals positions in the list of runs.</summary>
    public byte[] CursorKey { get { lock (_gate) return _cursorKey; } }

    public void Learn(Guid salt)
    {
        var secret = salt.ToByteArray();
        var epochs = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, outputLength: 16, info: "collab epochs"u8.ToArray());
        var cursors = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, outputLength: 32, info: "collab list cursors"u8.ToArray());
        lock (_gate) (_epochs, _cursorKey) = (new(epochs), cursors);
    }

    /// <summary>The store holds none: it is not whole.</summary>
    public static StoreException Missing() =>
        new(StoreFailure.Unavailable, new InvalidOperationException("The one row of collaboration_store is missing."));

    public Guid EpochOf(Guid runId)
    {
        lock (_gate)
        {
            Span<UInt128> epoch =
                [AsNumber(runId) ^ AsNumber(_epochs ?? throw new InvalidOperationException("The salt has not been read."))];
            return MemoryMarshal.Cast<UInt128, Guid>(epoch)[0];
        }
    }

    private static UInt128 AsNumber(Guid id) => MemoryMarshal.Cast<Guid, UInt128>(MemoryMarshal.CreateReadOnlySpan(in id, 1))[0];
}
