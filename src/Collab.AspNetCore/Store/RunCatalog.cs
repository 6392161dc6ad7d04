using System.Text;
using Collab.AspNetCore.Events;
using Collab.Storage;
using Microsoft.EntityFrameworkCore;

namespace Collab.AspNetCore.Store;

/// <summary>What both stores leave to EF Core: the schema, and the list of runs.</summary>
internal sealed class RunCatalog(DbContextOptions<CollabDbContext> options)
{
    public async Task<bool> IsMigratedAsync(CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        return !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
    }

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        // A migration of a large table takes its time.
        db.Database.SetCommandTimeout(0);
        await db.Database.MigrateAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<StoredRun>> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        await using var db = new CollabDbContext(options);
        var runs = db.Runs.AsNoTracking().Where(r => r.LastSequence > 0);
        if (query.Only is { } only) runs = runs.Where(r => only.Contains(r.Id));
        if (query.Ended is { } ended) runs = runs.Where(r => (r.EndedSequence != null && r.EndedSequence <= r.LastSequence) == ended);
        if (query.Before is var (updatedAt, runId))
            runs = runs.Where(r => r.UpdatedAt < updatedAt || (r.UpdatedAt == updatedAt && r.Id < runId));
        var rows = await runs
            .OrderByDescending(r => r.UpdatedAt).ThenByDescending(r => r.Id)
            .Take(query.Limit)
            .LeftJoin(db.Messages.AsNoTracking(), r => new { RunId = r.Id, Sequence = r.LastSequence },
                m => new { m.RunId, Sequence = m.SequenceNumber }, (run, last) => new { run, last })
            .ToListAsync(cancellationToken);
        return [.. rows
            .OrderByDescending(row => row.run.UpdatedAt).ThenByDescending(row => row.run.Id)
            .Select(row =>
                new StoredRun(
                    row.run.Id, row.run.Epoch, row.run.LastSequence, row.run.CreatedAt, row.run.UpdatedAt, ToEvent(row.last),
                    row.run.EndedSequence <= row.run.LastSequence,
                    row.run is { BranchedFrom: { } from, BranchedFromSequence: { } at } ? new(from, at) : null))];
    }

    private static LoggedEvent? ToEvent(MessageRow? row) => row is null ? null : new(
        row.RunId, row.SequenceNumber, row.EventType, row.UserId, row.UserName, UnixTime.ToMilliseconds(row.Timestamp), row.Id,
        EventDataReader.Compact(Encoding.UTF8.GetBytes(row.MessageData)), row.Signature);
}
