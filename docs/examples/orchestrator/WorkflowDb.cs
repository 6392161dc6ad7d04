using Collab.Storage;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator;

/// <summary>The engine's own tables, and the outbox.</summary>
internal sealed class WorkflowDb(DbContextOptions<WorkflowDb> options) : DbContext(options)
{
    public DbSet<Workflow> Workflows => Set<Workflow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddCollabOutbox();
        modelBuilder.Entity<Workflow>(workflow =>
        {
            workflow.Property(w => w.Id).ValueGeneratedNever();
            workflow.HasMany(w => w.Steps).WithOne().IsRequired();
            workflow.Navigation(w => w.Steps).AutoInclude();
        });
    }
}
