using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// What one writer keeps of its newest commits. Resends come in bursts, one with every reconnect, and each that a store meets without a
/// warning rolls a whole batch back. The store's unique key stays the truth.
/// </summary>
internal interface IRecent
{
    /// <summary>What is known of an event with this id, without a look into the store.</summary>
    bool TryRecognise(in Append append, out Appended appended);

    /// <summary>Whether the store does well to look for this id before it stores anything.</summary>
    bool MayBeThere(in Append append);

    void Remember(in Append append, in Appended appended);

    /// <summary>The run was erased: its ids may be used again.</summary>
    void Forget(Guid runId);
}
