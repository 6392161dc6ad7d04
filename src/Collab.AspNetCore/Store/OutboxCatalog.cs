using Collab.Storage;
using Microsoft.EntityFrameworkCore;

namespace Collab.AspNetCore.Store;

/// <summary>What administrators see and do of the outbox, the same in both stores.</summary>
internal sealed class OutboxCatalog(DbContextOptions<CollabDbContext> options)
{
    /// <summary>A longer outbox is this long: to count on costs more than anybody learns from it.</summary>
    public const int MaxDepth = 100_000;

    public async Task<OutboxDepth> GetDepthAsync(CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        var waiting = db.Outbox.AsNoTracking().Where(o => o.FailedAt == null);
        var count = await waiting.OrderBy(o => o.Id).Select(o => o.Id).Take(MaxDepth).CountAsync(cancellationToken);
        var setAside = await db.Outbox.AsNoTracking().CountAsync(o => o.FailedAt != null, cancellationToken);
        DateTime? oldest = count == 0 ? null : await waiting.OrderBy(o => o.Id)
            .Select(o => (DateTime?)o.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return new(count, oldest, setAside);
    }

    public async Task<IReadOnlyList<OutboxEntry>> ListFailedAsync(
        int offset, int limit, CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        return await db.Outbox.AsNoTracking().Where(o => o.FailedAt != null).OrderBy(o => o.Id).Skip(offset).Take(limit)
            .Select(o => new OutboxEntry(o.Id, o.RunId, o.MessageId, o.EventType, o.UserId, o.CreatedAt, o.FailedAt!.Value, o.Error ?? ""))
            .ToListAsync(cancellationToken);
    }

    public async Task<bool> RetryAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        return await db.Outbox.Where(o => o.Id == id && o.FailedAt != null)
            .ExecuteUpdateAsync(
                o => o.SetProperty(e => e.FailedAt, (DateTime?)null).SetProperty(e => e.Error, (string?)null), cancellationToken) > 0;
    }

    public async Task<bool> DropAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        return await db.Outbox.Where(o => o.Id == id && o.FailedAt != null).ExecuteDeleteAsync(cancellationToken) > 0;
    }
}
