using System.Globalization;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Collab.Hostile.Overload;

/// <summary>
/// More than a server has room for, and clients that come and go: what it refuses has a code, and afterwards it holds nothing of it. How fast
/// it is meanwhile the load generator measures (<c>overload</c> and <c>soak</c> in tests/bench).
/// </summary>
public sealed class OverloadTests
{
    private static readonly string[] Unlimited =
        ["PublishPerSecond", "PublishPerMinute", "ConnectionsPerUser", "CursorPerSecond", "JoinPerSecond", "PollPerSecond", "ReplayPerSecond", "PingPerSecond"];

    [Fact]
    public async Task What_has_no_room_is_refused_with_a_code_and_afterwards_there_is_room()
    {
        const int Clients = 20, Each = 200;
        var run = Guid.NewGuid();
        await using var server = await StartAsync(("Collab:Limits:QueueLength", "8"));
        using var admin = new ApiClient(server.BaseAddress, TestTokens.Create("admin", admin: true));
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(n => HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create($"user-{n}"))));

        var outcomes = (await Task.WhenAll(clients.Select(c => Task.WhenAll(Enumerable.Range(0, Each).Select(_ => OutcomeAsync(c, run)))))).SelectMany(o => o).ToArray();

        // Twenty send two hundred each at once, to a queue of eight.
        Assert.Equal((CollabErrorCode?[])[null, CollabErrorCode.Overloaded], outcomes.Distinct().Order());
        await NothingWaitsAsync(admin);
        // Each of them can publish again, and what was acknowledged is there, no more and no less.
        foreach (var client in clients) Assert.Null(await OutcomeAsync(client, run));
        Assert.Equal(outcomes.Count(o => o is null) + Clients, (await admin.PollAsync(run)).Value.LastSequence);
        foreach (var client in clients) await client.DisposeAsync();
        await NobodyIsLeftAsync(admin);
    }

    [Fact]
    public async Task Those_who_come_and_go_leave_nothing_behind()
    {
        const int Rounds = 10, AtOnce = 20;
        await using var server = await StartAsync();
        using var admin = new ApiClient(server.BaseAddress, TestTokens.Create("admin", admin: true));
        await ComeAndGoAsync(server, AtOnce);
        await NobodyIsLeftAsync(admin);
        var before = HandlesOf(server);

        for (var round = 0; round < Rounds; round++) await ComeAndGoAsync(server, AtOnce);

        await NobodyIsLeftAsync(admin);
        await NothingWaitsAsync(admin);
        // Two hundred connections and as many streams later; some handles come and go with the store.
        await Eventually.TrueAsync(() => HandlesOf(server) < before + AtOnce);
    }

    private static async Task ComeAndGoAsync(ServerProcess server, int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(async n =>
        {
            var run = Guid.NewGuid();
            var token = TestTokens.Create($"user-{n % 5}");
            using var end = new CancellationTokenSource();
            using var api = new ApiClient(server.BaseAddress, token);
            var streaming = StreamAsync(api, run, end.Token);
            if (n % 2 == 0)
            {
                await using var client = await HubClient.ConnectAsync(server.BaseAddress, token);
                await client.JoinAsync(run);
                await client.GraftAsync(run);
                await client.WaitForSequenceAsync(run, 1);
            }
            else
            {
                // Gone without a word.
                using var socket = await RawHubSocket.ConnectAsync(server.BaseAddress, token);
                await socket.InvokeAsync("1", "JoinRun", $"[\"{run}\",null]");
                await socket.ReceiveAsync();
            }
            await end.CancelAsync();
            await streaming;
        }));
    }

    private static async Task StreamAsync(ApiClient api, Guid run, CancellationToken end)
    {
        try
        {
            await foreach (var _ in api.StreamAsync(run, cancellationToken: end))
            {
                // Read until the end.
            }
        }
        catch (OperationCanceledException)
        {
            // As it was told.
        }
    }

    /// <returns>Why it was refused; null: it was not.</returns>
    private static async Task<CollabErrorCode?> OutcomeAsync(HubClient client, Guid run)
    {
        try
        {
            await client.GraftAsync(run);
            return null;
        }
        catch (HubException e)
        {
            return await HubClient.RefusalOf(Task.FromException(e));
        }
    }

    private static async Task NobodyIsLeftAsync(ApiClient admin)
    {
        await Eventually.TrueAsync(async () => (await admin.GetAsync<ConnectionOverview>("api/admin/websocket/connections")).Value is { TotalConnections: 0, TotalRuns: 0 });
        await Eventually.TrueAsync(async () => (await admin.MetricsAsync())["orchestrator_websocket_active_connections"] == 0);
    }

    private static Task NothingWaitsAsync(ApiClient admin) =>
        Eventually.TrueAsync(async () => (await admin.MetricsAsync())["collab_append_queue_depth"] == 0);

    private static int HandlesOf(ServerProcess server) =>
        Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{server.Id}/fd")).Count();

    private static Task<ServerProcess> StartAsync(params (string Key, string Value)[] more)
    {
        var configuration = Unlimited.ToDictionary(limit => $"Collab:Limits:{limit}", _ => (string?)"0", StringComparer.Ordinal);
        foreach (var (key, value) in more) configuration[key] = value;
        return ServerProcess.StartAsync(new ServerSettings { Configuration = configuration });
    }
}
