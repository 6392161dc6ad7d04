using System.Net;
using Collab.AspNetCore;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.Configuration;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.IntegrationTests.Handlers;

/// <summary>An application with a handler that does as the test says.</summary>
internal sealed class ProbeApplication : IAsyncDisposable
{
    private readonly HostApplication _host;

    private ProbeApplication(HostApplication host, Probe probe)
    {
        (_host, Probe) = (host, probe);
        Api = new(host.Address, TestTokens.Create("alice", admin: true));
    }

    public Probe Probe { get; }

    public ApiClient Api { get; }

    /// <param name="database">A PostgreSQL database; null: a SQLite file of its own.</param>
    /// <param name="handler">How the handler is run.</param>
    /// <param name="options">Further options.</param>
    /// <param name="name">The handler's name.</param>
    public static async Task<ProbeApplication> StartAsync(
        string? database, Action<HandlerOptions>? handler = null, Action<CollabOptions>? options = null, string name = "probe")
    {
        var probe = new Probe();
        var host = await HostApplication.StartAsync(
            services => services.AddSingleton(probe),
            collab =>
            {
                if (database is not null) collab.UsePostgres(database);
                collab.UseJwtBearer().Configure(o => (o.Limits.PublishPerSecond, o.Limits.PublishPerMinute) = (0, 0));
                if (options is not null) collab.Configure(options);
                collab.AddHandler<ProbeHandler>(name, o =>
                {
                    o.FirstDelay = TimeSpan.FromMilliseconds(10);
                    handler?.Invoke(o);
                });
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapCollab();
            });
        return new(host, probe);
    }

    public static async Task<string?> DatabaseAsync(StoreKind kind, PostgresFixture postgres) =>
        kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null;

    public async Task GraftAsync(Guid run, params string[] agents)
    {
        foreach (var agent in agents) await Api.PublishAsync(run, EventTypes.Graft, new { after = "PM", agentName = agent });
    }

    public async Task<HandlerStatus> StatusAsync(string name = "probe") =>
        (await Api.GetAsync<IReadOnlyList<HandlerStatus>>("api/admin/handlers")).Value.Single(h => h.Name == name);

    public async Task<HttpStatusCode> PostAsync(Guid run, string what) =>
        (await Api.SendAsync(HttpMethod.Post, $"api/admin/handlers/probe/runs/{run}/{what}")).Status;

    /// <summary>How many events of a run are trimmed.</summary>
    public async Task<long> TrimmedAsync(Guid run) =>
        (await _host.Services.GetRequiredService<IRunStore>().LoadAfterAsync([(run, 0)], 1, CancellationToken.None))[run].FoldedSequence;

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _host.DisposeAsync();
    }
}

/// <summary>What the handler was told, and what it does.</summary>
internal sealed class Probe
{
    /// <summary>Each call, failed ones too.</summary>
    public Arrivals<CollaborationEvent> Calls { get; } = new();

    public Func<CollaborationEvent, CancellationToken, Task> Behave { get; set; } = (_, _) => Task.CompletedTask;

    public async Task<string[]> AgentsOfAsync(Guid run, int calls) => [.. (await CallsOfAsync(run, calls)).Select(e => e.As<Graft>().AgentName)];

    public async Task<CollaborationEvent[]> CallsOfAsync(Guid run, int calls) =>
        [.. (await Calls.WaitForAsync(all => all.Count(e => e.RunId == run) >= calls)).Where(e => e.RunId == run)];

    public async Task HandleAsync(CollaborationEvent e, CancellationToken cancellationToken)
    {
        Calls.Add(e);
        await Behave(e, cancellationToken);
    }
}

internal sealed class ProbeHandler(Probe probe) : IEventHandler<Graft>, IEventHandler<Flag>
{
    public Task HandleAsync(Graft data, CollaborationEvent e, CancellationToken cancellationToken) =>
        data == e.As<Graft>() ? probe.HandleAsync(e, cancellationToken) : throw new InvalidOperationException("Another event's data.");

    public Task HandleAsync(Flag data, CollaborationEvent e, CancellationToken cancellationToken) => probe.HandleAsync(e, cancellationToken);
}
