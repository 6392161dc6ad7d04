using Microsoft.EntityFrameworkCore;

namespace Collab.Storage;

/// <summary>The table that applications insert into: all that a plain INSERT leaves out has a default.</summary>
internal static class OutboxModel
{
    public const string Table = "collaboration_outbox";

    /// <summary>Who an event is by where nobody says so.</summary>
    public const string DefaultUser = "outbox";

    // As EF Core and the driver write them: upper case.
    private const string SqliteUuid =
        """
        (upper(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
            || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))
        """;

    public static void Add(ModelBuilder modelBuilder, bool postgres) => modelBuilder.Entity<OutboxRow>(outbox =>
    {
        outbox.ToTable(Table);
        outbox.HasKey(o => o.Id).HasName("pk_collaboration_outbox");
        // Those that failed stay, and the search for the next ones must not walk over them.
        outbox.HasIndex(o => o.Id).HasFilter("failed_at IS NULL").HasDatabaseName("ix_collaboration_outbox_waiting");
        outbox.Property(o => o.Id).HasColumnName("id").ValueGeneratedOnAdd();
        outbox.Property(o => o.RunId).HasColumnName("run_id");
        outbox.Property(o => o.MessageId).HasColumnName("message_id").HasDefaultValueSql(postgres ? "gen_random_uuid()" : SqliteUuid);
        outbox.Property(o => o.EventType).HasColumnName("event_type");
        outbox.Property(o => o.UserId).HasColumnName("user_id").HasDefaultValue(DefaultUser);
        outbox.Property(o => o.UserName).HasColumnName("user_name");
        outbox.Property(o => o.Data).HasColumnName("data").HasColumnType(postgres ? "jsonb" : "TEXT").HasDefaultValue("{}");
        outbox.Property(o => o.CreatedAt).HasColumnName("created_at")
            .HasDefaultValueSql(postgres ? "now()" : "(strftime('%Y-%m-%d %H:%M:%f', 'now'))");
        outbox.Property(o => o.FailedAt).HasColumnName("failed_at");
        outbox.Property(o => o.Error).HasColumnName("error");
    });
}
