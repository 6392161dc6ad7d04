using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.IntegrationTests.RunLog;
using Collab.Storage;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Outbox;

/// <summary>An application publishes by a context of its own, in its own transactions, and its server does not wait for its next look.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OutboxContextTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite, false)]
    [InlineData(StoreKind.Sqlite, true)]
    [InlineData(StoreKind.Postgres, false)]
    [InlineData(StoreKind.Postgres, true)]
    public async Task What_a_context_saves_is_published_at_once_with_what_else_is_in_its_transaction(StoreKind kind, bool ownTransaction)
    {
        await using var app = await StartAsync(kind);
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        await db.Database.ExecuteSqlRawAsync("CREATE TABLE orders (id TEXT PRIMARY KEY)");
        var (run, message) = (Guid.NewGuid(), Guid.NewGuid());
        await using var follower = await HubClient.ConnectAsync(app.Address, TestTokens.Create("follower"));
        await follower.JoinAsync(run);

        await using (var transaction = ownTransaction ? await db.Database.BeginTransactionAsync() : null)
        {
            db.Orders.Add(new() { Id = "first" });
            db.PublishToRun(run, "GRAFT", new { After = "PM", AgentName = "scanner" }, "orders", message);
            await db.SaveChangesAsync();
            if (transaction is not null) await transaction.CommitAsync();
        }

        // The server looks once a minute.
        var e = (await follower.WaitForSequenceAsync(run, 1)).Single(e => e.SequenceNumber == 1);
        Assert.Equal((message, "orders", "PM", "scanner"), (e.MessageId, e.UserId, e.Data.GetProperty("after").GetString(), e.Data.GetProperty("agentName").GetString()));
        Assert.Equal("first", Assert.Single(await db.Orders.AsNoTracking().ToListAsync()).Id);
    }

    [Fact]
    public async Task The_outbox_is_not_in_the_application_s_migrations()
    {
        await using var app = await StartAsync(StoreKind.Sqlite);
        await using var scope = app.Services.CreateAsyncScope();

        var script = scope.ServiceProvider.GetRequiredService<AppDb>().Database.GenerateCreateScript();

        Assert.Contains("orders", script, StringComparison.Ordinal);
        Assert.DoesNotContain("collaboration_outbox", script, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_without_the_outbox_says_what_is_missing()
    {
        using var db = new PlainDb(new DbContextOptionsBuilder<PlainDb>().UseSqlite("Data Source=:memory:").UseCollabOutbox(new ServiceCollection().BuildServiceProvider()).Options);

        var e = Assert.Throws<InvalidOperationException>(() => db.PublishToRun(Guid.NewGuid(), "GRAFT", new { }));

        Assert.Contains("AddCollabOutbox", e.Message, StringComparison.Ordinal);
    }

    private async Task<HostApplication> StartAsync(StoreKind kind)
    {
        var database = kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null;
        return await HostApplication.StartAsync(
            services => services.AddDbContext<AppDb>((s, options) =>
            {
                var store = s.GetRequiredService<Microsoft.Extensions.Options.IOptions<CollabOptions>>().Value.Store;
                _ = database is null ? options.UseSqlite($"Data Source={store.Path}") : options.UseNpgsql(database);
                options.UseCollabOutbox(s);
            }),
            collab =>
            {
                if (database is not null) collab.UsePostgres(database);
                collab.UseJwtBearer().Configure(o => o.Outbox.PollMs = 60_000);
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
            });
    }

    private sealed class Order
    {
        public string Id { get; set; } = "";
    }

    private sealed class AppDb(DbContextOptions<AppDb> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Order>().ToTable("orders").Property(o => o.Id).HasColumnName("id");
            modelBuilder.AddCollabOutbox();
        }
    }

    private sealed class PlainDb(DbContextOptions<PlainDb> options) : DbContext(options);
}
