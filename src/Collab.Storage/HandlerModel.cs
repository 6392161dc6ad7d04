using Microsoft.EntityFrameworkCore;

namespace Collab.Storage;

/// <summary>The tables of the handlers.</summary>
internal static class HandlerModel
{
    public static void Add(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<HandlerRow>(handler =>
        {
            handler.ToTable("collaboration_handlers");
            handler.HasKey(h => h.Name).HasName("pk_collaboration_handlers");
            handler.Property(h => h.Name).HasColumnName("name");
            handler.Property(h => h.CreatedAt).HasColumnName("created_at");
            handler.Property(h => h.SeenAt).HasColumnName("seen_at");
        });

        modelBuilder.Entity<HandlerOwnerRow>(owner =>
        {
            owner.ToTable("collaboration_handler_owners");
            owner.HasKey(o => o.Id).HasName("pk_collaboration_handler_owners");
            owner.Property(o => o.Id).HasColumnName("id").ValueGeneratedNever();
            owner.Property(o => o.AliveUntil).HasColumnName("alive_until");
        });

        modelBuilder.Entity<HandlerRunRow>(run =>
        {
            run.ToTable("collaboration_handler_runs");
            run.HasKey(r => new { r.Handler, r.RunId }).HasName("pk_collaboration_handler_runs");
            run.Property(r => r.Handler).HasColumnName("handler");
            run.Property(r => r.RunId).HasColumnName("run_id");
            run.Property(r => r.Epoch).HasColumnName("epoch");
            run.Property(r => r.Position).HasColumnName("position");
            run.Property(r => r.Owner).HasColumnName("owner");
            run.Property(r => r.Attempts).HasColumnName("attempts").HasDefaultValue(0);
            run.Property(r => r.RetryAt).HasColumnName("retry_at");
            run.Property(r => r.ParkedAt).HasColumnName("parked_at");
            run.Property(r => r.Error).HasColumnName("error");
        });
    }
}
