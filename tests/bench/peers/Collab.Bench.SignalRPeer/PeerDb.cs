using Microsoft.EntityFrameworkCore;

namespace Collab.Bench.SignalRPeer;

/// <summary>The table that one would write on a Friday afternoon.</summary>
public sealed class PeerDb(DbContextOptions<PeerDb> options) : DbContext(options)
{
    public DbSet<PeerRow> Events => Set<PeerRow>();

    public DbSet<PeerRun> Runs => Set<PeerRun>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<PeerRow>().HasKey(e => new { e.RunId, e.SequenceNumber });
        modelBuilder.Entity<PeerRow>().HasIndex(e => new { e.RunId, e.Id }).IsUnique();
        modelBuilder.Entity<PeerRow>().Property(e => e.Data).HasColumnType("jsonb");
    }
}

public sealed class PeerRun
{
    public Guid Id { get; set; }

    public long LastSequence { get; set; }
}

public sealed class PeerRow
{
    public Guid RunId { get; set; }

    public long SequenceNumber { get; set; }

    public Guid Id { get; set; }

    public string EventType { get; set; } = "";

    public string UserId { get; set; } = "";

    public DateTime Timestamp { get; set; }

    public string Data { get; set; } = "{}";
}
