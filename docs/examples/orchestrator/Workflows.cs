using Collab.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Orchestrator;

/// <summary>Publishes an event of the workflow with the change that is being made.</summary>
internal delegate void Publish(string eventType, object data);

/// <summary>Keeps the workflows. Each change is a transaction, with the events that tell of it.</summary>
internal sealed class Workflows(IDbContextFactory<WorkflowDb> databases)
{
    private static readonly string[] Pipeline = ["PM", "QUALIFIER", "ARCHITECT", "DEVELOPER", "SRE"];

    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Completes with the next change. To miss none, take it before you look.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The workflow that an earlier process has left unfinished, or a new one.</summary>
    public async Task<Guid> OpenAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await CreateTablesAsync(db);
        if (await db.Workflows.FirstOrDefaultAsync(w => !w.IsFinished) is { } unfinished) return unfinished.Id;
        var workflow = Workflow.New(Guid.CreateVersion7(), Pipeline);
        db.Add(workflow);
        await db.SaveChangesAsync();
        return workflow.Id;
    }

    public async Task<List<Guid>> UnfinishedAsync(CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.Workflows.Where(w => !w.IsFinished).Select(w => w.Id).ToListAsync(stop);
    }

    /// <summary>Looks at a workflow.</summary>
    public async Task<Workflow?> FindAsync(Guid id, CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.Workflows.AsNoTracking().FirstOrDefaultAsync(w => w.Id == id, stop);
    }

    /// <summary>Changes a workflow, alone: what is read, written and published is one transaction.</summary>
    /// <typeparam name="T">What the change answers.</typeparam>
    /// <returns>The change's answer; the default if there is no such workflow.</returns>
    public async Task<T?> ChangeAsync<T>(Guid id, Func<Workflow, Publish, T> change, CancellationToken stop)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        // It takes SQLite's one right to write at once: nobody changes what is read here before it is written.
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        if (await db.Workflows.FirstOrDefaultAsync(w => w.Id == id, stop) is not { } workflow) return default;
        var answer = change(workflow, (eventType, data) => db.PublishToRun(id, eventType, data, userId: "orchestrator"));
        var rows = await db.SaveChangesAsync(stop);
        await transaction.CommitAsync(stop);
        // A look that has changed nothing must not be followed by another.
        if (rows > 0) Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
        return answer;
    }

    /// <summary>An application that lives longer has migrations; these tables are made once.</summary>
    private static async Task CreateTablesAsync(WorkflowDb db)
    {
        var found = db.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = 'Workflows'");
        if (await found.SingleAsync() == 0) await db.GetService<IRelationalDatabaseCreator>().CreateTablesAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
