using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.IntegrationTests.RunLog;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.IntegrationTests.InProcess;

/// <summary>An application with Collab inside, its limits tight for clients, on either store.</summary>
internal sealed class EmbeddingApplication : IAsyncDisposable
{
    private readonly HostApplication _host;

    private EmbeddingApplication(HostApplication host) => _host = host;

    public ICollab Collab => _host.Services.GetRequiredService<ICollab>();

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public static async Task<EmbeddingApplication> StartAsync(StoreKind kind, PostgresFixture postgres, Action<CollabOptions>? configure = null) =>
        await StartAsync(kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null, configure);

    /// <param name="database">A PostgreSQL database, which others may share; null: a SQLite file.</param>
    /// <param name="configure">Options.</param>
    public static async Task<EmbeddingApplication> StartAsync(string? database, Action<CollabOptions>? configure = null) =>
        new(await HostApplication.StartAsync(
            _ => { },
            collab =>
            {
                if (database is not null) collab.UsePostgres(database);
                collab.UseJwtBearer().AddEvent<StepFinished>("STEP_FINISHED").AddEphemeralEvent<Typing>("TYPING").Configure(options =>
                {
                    (options.Limits.PublishPerSecond, options.Limits.PublishBurst) = (1, 1);
                    configure?.Invoke(options);
                });
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
            }));

    public Task<HubClient> ConnectAsync(string user) => HubClient.ConnectAsync(_host.Address, TestTokens.Create(user));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    public sealed record StepFinished(string StepId, double Duration);

    public sealed record Typing(string Where);
}
