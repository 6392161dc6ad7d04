using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Collab.Storage;

/// <summary>
/// Publishes events in an application's own transactions, by its own <see cref="DbContext"/> on the database of Collab's store: what
/// commits is published exactly once, and what is rolled back never. Needs no ASP.NET Core, and no Collab server in the process.
/// </summary>
public static class CollabOutboxExtensions
{
    /// <summary>
    /// Adds the table <c>collaboration_outbox</c> to an application's model, and leaves it out of the application's migrations: Collab's
    /// own make it. Call it in <c>OnModelCreating</c>.
    /// </summary>
    /// <param name="modelBuilder">The application's model.</param>
    /// <param name="schema">The schema that Collab's tables are in. Default: null, where the connection looks first.</param>
    /// <returns>The same model.</returns>
    public static ModelBuilder AddCollabOutbox(this ModelBuilder modelBuilder, string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        return modelBuilder.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable(OutboxModel.Table, schema, table => table.ExcludeFromMigrations());
            outbox.HasKey(o => o.Id);
            outbox.Property(o => o.Id).HasColumnName("id").ValueGeneratedOnAdd();
            outbox.Property(o => o.RunId).HasColumnName("run_id");
            outbox.Property(o => o.MessageId).HasColumnName("message_id").ValueGeneratedNever();
            outbox.Property(o => o.EventType).HasColumnName("event_type");
            outbox.Property(o => o.UserId).HasColumnName("user_id");
            outbox.Property(o => o.UserName).HasColumnName("user_name");
            outbox.Property(o => o.Data).HasColumnName("data").HasColumnType("jsonb");
        });
    }

    /// <summary>
    /// Lets this process's Collab publish at once what a context commits, and not at its next look (<c>Collab:Outbox:PollMs</c>). Where no
    /// Collab server is in the process it does nothing.
    /// </summary>
    /// <param name="options">
    /// The options of the application's context: <c>AddDbContext&lt;AppDb&gt;((s, o) => o.UseNpgsql(…).UseCollabOutbox(s))</c>.
    /// </param>
    /// <param name="services">The application's services.</param>
    /// <returns>The same options.</returns>
    public static DbContextOptionsBuilder UseCollabOutbox(this DbContextOptionsBuilder options, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService(typeof(OutboxSignal)) is OutboxSignal signal ? options.AddInterceptors(signal.Interceptors) : options;
    }

    /// <inheritdoc cref="UseCollabOutbox(DbContextOptionsBuilder, IServiceProvider)" />
    /// <typeparam name="T">The application's context.</typeparam>
    public static DbContextOptionsBuilder<T> UseCollabOutbox<T>(this DbContextOptionsBuilder<T> options, IServiceProvider services)
        where T : DbContext
    {
        ((DbContextOptionsBuilder)options).UseCollabOutbox(services);
        return options;
    }

    /// <summary>
    /// Publishes an event with this context's next <c>SaveChanges</c>, in its transaction. Once that has committed, a server takes it into
    /// the run's log: events of a run in the order of their inserts. An event that the server cannot take is kept aside, with the reason,
    /// for administrators.
    /// </summary>
    /// <param name="db">A context whose model has <see cref="AddCollabOutbox"/>.</param>
    /// <param name="runId">The run.</param>
    /// <param name="eventType">A critical event type that the server knows, <c>GRAFT</c> for example.</param>
    /// <param name="data">
    /// The event's data: an object that is serialised to JSON with names in camel case, or a <see cref="JsonElement"/>.
    /// </param>
    /// <param name="userId">Who it is by, 1 to 256 characters. Default: <c>outbox</c>.</param>
    /// <param name="messageId">The event's id, by which a repeat is recognised. Default: a new one.</param>
    /// <returns>The row that will be inserted; its other fields can still be changed.</returns>
    /// <exception cref="InvalidOperationException">The context's model has no outbox.</exception>
    public static OutboxMessage PublishToRun(
        this DbContext db, Guid runId, string eventType, object data, string? userId = null, Guid? messageId = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        ArgumentNullException.ThrowIfNull(data);
        if (db.Model.FindEntityType(typeof(OutboxMessage)) is null)
            throw new InvalidOperationException(
                $"{db.GetType().Name} has no outbox: call modelBuilder.AddCollabOutbox() in OnModelCreating.");
        var message = new OutboxMessage
        {
            RunId = runId,
            MessageId = messageId ?? Guid.CreateVersion7(),
            EventType = eventType,
            UserId = userId ?? OutboxModel.DefaultUser,
            Data = JsonSerializer.Serialize(data, data.GetType(), JsonSerializerOptions.Web),
        };
        db.Add(message);
        OutboxInterceptor.Mark(db);
        return message;
    }
}
