using System.Security.Claims;
using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Collab.ClientTests.Docs;

/// <summary>The C# of docs/clients.md, compiled. <see cref="ClientsPageTests"/> holds the page to it, and runs the first one.</summary>
internal static class Snippets
{
    public static async Task FollowAndSteerAsync(Uri address, Func<CancellationToken, ValueTask<string>> token, Guid runId, CancellationToken stop)
    {
        // <follow>
        await using var client = new CollabClient(new CollabClientOptions { BaseAddress = address, Token = token });
        await using var run = await client.ConnectAsync(runId, stop);

        var ack = await run.GraftAsync("ARCHITECT", "security-scanner-v1", cancellationToken: stop);
        Console.WriteLine($"Stored as number {ack.SequenceNumber}");

        await foreach (var e in run.ReadEventsAsync(cancellationToken: stop))
        {
            Console.WriteLine($"{e.SequenceNumber} {e.EventType} by {e.UserId}: {e.Data}");
            // </follow>
            if (e.SequenceNumber is not null) break;
            // <follow>
        }
        // </follow>
    }

    public static void Setup(IHostApplicationBuilder builder)
    {
        // <setup>
        builder.Services.AddSingleton<TokenService>();
        builder.Services.AddOptions<CollabClientOptions>().Configure<TokenService>((options, tokens) => options.Token = tokens.GetAsync);
        builder.Services.AddCollabClient(options =>
        {
            options.BaseAddress = new Uri("https://collab.example.com");
            options.QueueFolder = "/var/lib/reviewer/queue";
        });
        builder.Services.AddHostedService<Reviewer>();
        // </setup>
    }

    public static void SetupBlazor(IHostApplicationBuilder builder)
    {
        // <blazor>
        builder.Services.AddScoped<UserTokens>();
        builder.Services.AddOptions<CollabClientOptions>().Configure<UserTokens>((options, tokens) => options.Token = tokens.GetAsync);
        builder.Services.AddCollabClient(options => options.BaseAddress = new Uri("https://collab.example.com"), ServiceLifetime.Scoped);
        // </blazor>
    }

    public static async Task RefusalAsync(RunConnection run)
    {
        // <refusal>
        try
        {
            await run.PublishAsync("COMMENT", JsonSerializer.SerializeToElement(new { stepId = "PM", text = "Why twice?" }));
        }
        catch (QueueFullException)
        {
            // 500 events wait already.
        }
        catch (CollabException e) when (e.Code is CollabErrorCode.Forbidden)
        {
            // This user may only read.
        }
        // </refusal>
    }

    public static void Show(RunConnection run)
    {
        // <state>
        run.StateChanged += (_, change) => Console.WriteLine(change.Snapshot.Connection switch
        {
            ConnectionState.Live => "connected",
            ConnectionState.Polling { Reachable: true } => "connected, without WebSocket",
            ConnectionState.Reconnecting { RetryAt: { } at } => $"trying again at {at:T}",
            ConnectionState.Closed { Error: { } error } => $"refused: {error.Message}",
            _ => "connecting",
        });
        // </state>
    }

    internal sealed class TokenService
    {
        public ValueTask<string> GetAsync(CancellationToken stop) => ValueTask.FromResult("");
    }

    // <worker>
    public sealed class Reviewer(CollabClient collab, ILogger<Reviewer> logger) : BackgroundService
    {
        private static readonly Guid RunId = Guid.Parse("550e8400-e29b-41d4-a716-446655440000");

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await using var run = collab.Open(RunId);
            await foreach (var e in run.ReadEventsAsync(includeHistory: false, stoppingToken))
            {
                if (e.EventType != EventTypes.Graft) continue;
                logger.LogInformation("{User} grafted an agent", e.UserId);
                await run.FlagAsync(e.Data.GetProperty("after").GetString()!, "A new agent: please review", cancellationToken: stoppingToken);
            }
        }
    }
    // </worker>

    internal sealed class TokenIssuer
    {
        public ValueTask<string> CreateAsync(ClaimsPrincipal user, CancellationToken stop) =>
            stop.IsCancellationRequested ? ValueTask.FromCanceled<string>(stop) : ValueTask.FromResult(TestTokens.Create(user.Identity!.Name!));
    }

    // <tokens>
    public sealed class UserTokens(AuthenticationStateProvider signIn, TokenIssuer issuer)
    {
        public async ValueTask<string> GetAsync(CancellationToken stop)
        {
            var state = await signIn.GetAuthenticationStateAsync();
            return await issuer.CreateAsync(state.User, stop);
        }
    }
    // </tokens>
}
