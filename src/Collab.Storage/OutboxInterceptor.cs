using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Collab.Storage;

/// <summary>Raises the signal when a context commits that has published something.</summary>
internal sealed class OutboxInterceptor(OutboxSignal signal)
{
    private static readonly ConditionalWeakTable<DbContext, object> Marked = [];

    public IInterceptor[] All => [new OnSave(this), new OnTransaction(this)];

    /// <summary>The context has something for the outbox that is not committed.</summary>
    public static void Mark(DbContext db) => Marked.AddOrUpdate(db, Marked);

    private void Committed(DbContext? db)
    {
        if (db is not null && Marked.Remove(db)) signal.Raise();
    }

    private sealed class OnSave(OutboxInterceptor owner) : SaveChangesInterceptor
    {
        public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
        {
            Saved(eventData.Context);
            return result;
        }

        public override ValueTask<int> SavedChangesAsync(
            SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Saved(eventData.Context);
            return new(result);
        }

        private void Saved(DbContext? db)
        {
            // Otherwise the transaction's own end says so. An ambient one that is not ours to see is found at the server's next look.
            if (db?.Database.CurrentTransaction is null) owner.Committed(db);
        }
    }

    private sealed class OnTransaction(OutboxInterceptor owner) : DbTransactionInterceptor
    {
        public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) =>
            owner.Committed(eventData.Context);

        public override Task TransactionCommittedAsync(
            DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            owner.Committed(eventData.Context);
            return Task.CompletedTask;
        }
    }
}
