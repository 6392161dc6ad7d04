namespace Collab.Storage;

/// <summary>What is true of the store as a whole. There is one row.</summary>
public sealed class StoreRow
{
    /// <summary>Always 1.</summary>
    public int Id { get; set; }

    /// <summary>From this and its id follows the epoch of a run that has no row yet, the same on every server.</summary>
    public Guid EpochSalt { get; set; }
}
