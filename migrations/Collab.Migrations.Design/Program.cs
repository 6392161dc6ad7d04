using Collab.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Collab.Migrations.Design;

/// <summary>Tells <c>dotnet ef</c> how to build the context: <c>-- Postgres</c> or <c>-- Sqlite</c>. No database is contacted.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<CollabDbContext>
{
    public CollabDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<CollabDbContext>();
        return args switch
        {
            ["Postgres"] => new(options.UseNpgsql("Host=design-time", o => o.MigrationsAssembly("Collab.Migrations.Postgres")).Options),
            ["Sqlite"] => new(options.UseSqlite("Data Source=design-time", o => o.MigrationsAssembly("Collab.Migrations.Sqlite")).Options),
            _ => throw new ArgumentException("Say which store: dotnet ef … -- Postgres, or -- Sqlite.", nameof(args)),
        };
    }

    private static void Main() => Console.WriteLine("This project exists for `dotnet ef`. See migrations/README.md.");
}
