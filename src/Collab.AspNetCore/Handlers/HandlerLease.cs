using Collab.AspNetCore.Store;

namespace Collab.AspNetCore.Handlers;

/// <summary>
/// This server's right to handle runs, renewed again and again. A term that could not be renewed ends, for us, before it ends for the
/// others: then all that is handled under it is cancelled, and the next term is another owner's.
/// </summary>
internal sealed class HandlerLease(IHandlerStore store, TimeProvider time) : IDisposable
{
    /// <summary>How long before the end, by the database's clock, a term is over here.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private Term? _term;

    /// <summary>The present term; null: there is none, and nothing can be claimed.</summary>
    public Term? Current => Volatile.Read(ref _term) is { IsOver: false } term ? term : null;

    /// <summary>Renews the term, or begins one.</summary>
    /// <returns>Whether other servers' leases have ended.</returns>
    public async ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var (term, before) = (Current ?? new Term(time), time.GetTimestamp());
        var isAnyDead = await store.RenewAsync(term.Owner, cancellationToken);
        // The answer may have been long on its way: what counts is when the question was asked.
        if (!term.Extend(IHandlerStore.Lease - Margin - time.GetElapsedTime(before))) return isAnyDead;
        if (Interlocked.Exchange(ref _term, term) is { } last && last != term) last.Dispose();
        return isAnyDead;
    }

    /// <summary>Ends the term; nothing may be handled under it any more.</summary>
    public async ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _term, null) is not { } term) return;
        term.Dispose();
        await store.LeaveAsync(term.Owner, cancellationToken);
    }

    public void Dispose() => Interlocked.Exchange(ref _term, null)?.Dispose();

    /// <summary>A lease without a break.</summary>
    internal sealed class Term : IDisposable
    {
        private readonly CancellationTokenSource _over;

        public Term(TimeProvider time)
        {
            _over = new(Timeout.InfiniteTimeSpan, time);
            Over = _over.Token;
        }

        public Guid Owner { get; } = Guid.NewGuid();

        /// <summary>Is cancelled when the term is over.</summary>
        public CancellationToken Over { get; }

        public bool IsOver => Over.IsCancellationRequested;

        /// <returns>False: it is over already.</returns>
        public bool Extend(TimeSpan by)
        {
            if (by <= TimeSpan.Zero) _over.Cancel();
            else if (!IsOver) _over.CancelAfter(by);
            return !IsOver;
        }

        /// <summary>It is over. Who has its token still may ask.</summary>
        public void Dispose()
        {
            _over.Cancel();
            _over.Dispose();
        }
    }
}
