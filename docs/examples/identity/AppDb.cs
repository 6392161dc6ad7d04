using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Members;

/// <summary>Somebody with an account.</summary>
internal sealed class Member : IdentityUser
{
    /// <summary>What others are shown; their id is a GUID, and their address nobody's business.</summary>
    [PersonalData]
    public string DisplayName { get; set; } = "";
}

/// <summary>Somebody's place in a run.</summary>
internal sealed class RunMember
{
    public Guid RunId { get; init; }

    public string UserId { get; init; } = "";

    public bool CanWrite { get; set; }

    /// <summary>Who began the run decides who else is in it.</summary>
    public bool IsOwner { get; init; }
}

/// <summary>The application's own tables.</summary>
internal sealed class AppDb(DbContextOptions<AppDb> options) : IdentityDbContext<Member>(options)
{
    public DbSet<RunMember> RunMembers => Set<RunMember>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<RunMember>().HasKey(m => new { m.RunId, m.UserId });
        builder.Entity<RunMember>().HasIndex(m => m.UserId);
    }
}
