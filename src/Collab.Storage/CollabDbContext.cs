using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Collab.Storage;

/// <summary>
/// The model of Collab's tables for PostgreSQL and SQLite. It owns the schema and its migrations; the hot append writes to the same tables
/// with SQL of its own.
/// </summary>
/// <param name="options">Options that choose the provider.</param>
public sealed class CollabDbContext(DbContextOptions<CollabDbContext> options) : DbContext(options)
{
    /// <summary>The runs.</summary>
    public DbSet<RunRow> Runs => Set<RunRow>();

    /// <summary>The kept events of all runs.</summary>
    public DbSet<MessageRow> Messages => Set<MessageRow>();

    /// <summary>The one row about the store itself.</summary>
    public DbSet<StoreRow> Store => Set<StoreRow>();

    /// <summary>What applications have published in transactions of their own and is not in the log yet.</summary>
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    /// <summary>The handlers of all applications on this store.</summary>
    public DbSet<HandlerRow> Handlers => Set<HandlerRow>();

    /// <summary>Where each handler stands in each run.</summary>
    public DbSet<HandlerRunRow> HandlerRuns => Set<HandlerRunRow>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var postgres = Database.ProviderName?.EndsWith("PostgreSQL", StringComparison.Ordinal) == true;
        var json = postgres ? "jsonb" : "TEXT";

        modelBuilder.Entity<RunRow>(run =>
        {
            run.ToTable("collaboration_runs");
            run.HasKey(r => r.Id).HasName("pk_collaboration_runs");
            run.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
            run.Property(r => r.Epoch).HasColumnName("epoch");
            run.Property(r => r.LastSequence).HasColumnName("last_sequence");
            run.Property(r => r.FoldedState).HasColumnName("folded_state").HasColumnType(json);
            run.Property(r => r.FoldedSequence).HasColumnName("folded_sequence");
            run.Property(r => r.EndedSequence).HasColumnName("ended_sequence");
            run.Property(r => r.CreatedAt).HasColumnName("created_at");
            // No index on updated_at: every append changes it, and an indexed column would cost each append a new index entry.
            run.Property(r => r.UpdatedAt).HasColumnName("updated_at");
            run.Property(r => r.BranchedFrom).HasColumnName("branched_from");
            run.Property(r => r.BranchedFromSequence).HasColumnName("branched_from_sequence");
            run.Property(r => r.SignedEpoch).HasColumnName("signed_epoch");
            run.Property(r => r.SignedFrom).HasColumnName("signed_from");
            run.Property(r => r.SignedSequence).HasColumnName("signed_sequence");
            run.Property(r => r.Signature).HasColumnName("signature");
            run.Property(r => r.FoldedSignature).HasColumnName("folded_signature");
            run.Property(r => r.StateSignature).HasColumnName("state_signature");
        });

        modelBuilder.Entity<MessageRow>(message =>
        {
            message.ToTable("persisted_collaboration_messages");
            message.HasKey(m => new { m.RunId, m.SequenceNumber }).HasName("pk_persisted_collaboration_messages");
            message.HasIndex(m => new { m.RunId, m.Id }).IsUnique().HasDatabaseName("ux_persisted_collaboration_messages_run_id_id");
            message.Property(m => m.RunId).HasColumnName("run_id");
            message.Property(m => m.SequenceNumber).HasColumnName("sequence_number").ValueGeneratedNever();
            message.Property(m => m.Id).HasColumnName("id");
            message.Property(m => m.UserId).HasColumnName("user_id");
            message.Property(m => m.UserName).HasColumnName("user_name");
            message.Property(m => m.EventType).HasColumnName("event_type");
            message.Property(m => m.MessageData).HasColumnName("message_data").HasColumnType(json);
            message.Property(m => m.Timestamp).HasColumnName("timestamp");
            message.Property(m => m.IsCritical).HasColumnName("is_critical");
            message.Property(m => m.Signature).HasColumnName("signature");
        });

        modelBuilder.Entity<StoreRow>(store =>
        {
            store.ToTable("collaboration_store");
            store.HasKey(s => s.Id).HasName("pk_collaboration_store");
            store.Property(s => s.Id).HasColumnName("id").ValueGeneratedNever();
            store.Property(s => s.EpochSalt).HasColumnName("epoch_salt");
        });

        OutboxModel.Add(modelBuilder, postgres);
        HandlerModel.Add(modelBuilder);

        // A SQLite file has one server, whose writer nobody comes between.
        if (postgres) AddWriters(modelBuilder);
        else KeepTimesUtc(modelBuilder);
    }

    private static void AddWriters(ModelBuilder modelBuilder) => modelBuilder.Entity<WriterRow>(writer =>
    {
        writer.ToTable("collaboration_writers");
        writer.HasKey(w => w.Id).HasName("pk_collaboration_writers");
        writer.Property(w => w.Id).HasColumnName("id").ValueGeneratedNever();
        writer.Property(w => w.Fence).HasColumnName("fence");
        writer.Property(w => w.SeenAt).HasColumnName("seen_at");
    });

    /// <summary>SQLite forgets that a time is UTC; PostgreSQL's <c>timestamptz</c> does not.</summary>
    private static void KeepTimesUtc(ModelBuilder modelBuilder)
    {
        var utc = new ValueConverter<DateTime, DateTime>(t => t, t => DateTime.SpecifyKind(t, DateTimeKind.Utc));
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            if (property.ClrType == typeof(DateTime) || property.ClrType == typeof(DateTime?)) property.SetValueConverter(utc);
        }
    }
}
