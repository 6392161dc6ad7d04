using Collab.Storage;
using Microsoft.EntityFrameworkCore;

namespace Collab.EmbeddedSample;

/// <summary>What the application keeps beside its runs.</summary>
public sealed class Order
{
    /// <summary>Its key.</summary>
    public int Id { get; set; }
}

// <outboxDb>
public sealed class AppDb(DbContextOptions<AppDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddCollabOutbox();
}
// </outboxDb>

internal static class OrderDesk
{
    public static void Setup(WebApplicationBuilder builder, string connectionString)
    {
        // <outboxSetup>
        builder.Services.AddDbContext<AppDb>((services, options) => options.UseNpgsql(connectionString).UseCollabOutbox(services));
        // </outboxSetup>
    }

    public static async Task TakeAsync(AppDb db, Order order, Guid runId)
    {
        // <outboxPublish>
        db.Orders.Add(order);
        db.PublishToRun(runId, "GRAFT", new { After = "PM", AgentName = "scanner" }, userId: "orders");
        await db.SaveChangesAsync();
        // </outboxPublish>
    }
}
