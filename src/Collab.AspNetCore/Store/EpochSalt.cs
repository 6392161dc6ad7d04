using System.Runtime.InteropServices;

namespace Collab.AspNetCore.Store;

/// <summary>
/// The epoch of a run before its first event. It follows from the store's salt and the run's id, so that who joins an empty run is told the epoch that
/// the first event will make real, whichever server writes it, and nothing has to be stored or remembered for that.
/// </summary>
internal sealed class EpochSalt
{
    public const string ReadSql = "SELECT epoch_salt FROM collaboration_store";

    private readonly Lock _gate = new();
    private Guid? _salt;

    public bool IsKnown { get { lock (_gate) return _salt is not null; } }

    public void Learn(Guid salt)
    {
        lock (_gate) _salt = salt;
    }

    public Guid EpochOf(Guid runId)
    {
        lock (_gate)
        {
            Span<UInt128> epoch = [AsNumber(runId) ^ AsNumber(_salt ?? throw new InvalidOperationException("The salt has not been read."))];
            return MemoryMarshal.Cast<UInt128, Guid>(epoch)[0];
        }
    }

    private static UInt128 AsNumber(Guid id) => MemoryMarshal.Cast<Guid, UInt128>(MemoryMarshal.CreateReadOnlySpan(in id, 1))[0];
}
