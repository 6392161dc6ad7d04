using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Bench.Load;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Bench;

/// <summary>
/// Two servers on one PostgreSQL: how long after the followers beside the publisher those of the other server have an event, without a bus and
/// with each, by turns.
/// </summary>
internal static class ClusterBench
{
    private const int PerSecond = 200;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(int rounds)
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        (string Name, KeyValuePair<string, string?> Setting)[] buses =
        [
            ("no bus", new("Collab:Bus:Postgres", "false")),
            ("PostgreSQL", new("Collab:Bus:Postgres", "true")),
            ("Redis", new("Collab:Bus:Redis", redis.Configuration)),
        ];
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (name, setting) in buses)
            {
                KeyValuePair<string, string?>[] settings = [setting, new("Collab:Limits:PublishPerSecond", "0"), new("Collab:Limits:PublishPerMinute", "0")];
                var database = await postgres.CreateDatabaseAsync();
                await using var one = await ServerProcess.StartAsync(ServerSettings.ForPostgres(database, settings));
                await using var two = await ServerProcess.StartAsync(ServerSettings.ForPostgres(database, settings));
                var (beside, later) = await MeasureAsync(one, two);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}, {name}: beside the publisher p50 {beside.Quantile(0.5):0.0} ms, p99 {beside.Quantile(0.99):0.0} ms after the publish; "
                    + $"on the other server {later.Quantile(0.5):0.0} ms, {later.Quantile(0.99):0.0} ms later"));
            }
        }
    }

    private static async Task<(Latencies Beside, Latencies Later)> MeasureAsync(ServerProcess one, ServerProcess two)
    {
        var run = Guid.NewGuid();
        ConcurrentDictionary<long, long> atOne = new(), atTwo = new(), published = new();
        await using var first = await FollowAsync(one, run, atOne);
        await using var second = await FollowAsync(two, run, atTwo);
        await using var publisher = await HubClient.ConnectAsync(one.BaseAddress, TestTokens.Create("publisher"));
        // Until the servers know each other, and are warm.
        for (var i = 0; i < 400; i++) await publisher.GraftAsync(run);
        await Task.Delay(4000);

        var acknowledgements = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        for (var until = Stopwatch.GetTimestamp() + (long)(Turn.TotalSeconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until;)
        {
            await timer.WaitForNextTickAsync();
            acknowledgements.Add(PublishAsync());
        }
        await Task.WhenAll(acknowledgements);
        await Eventually.TrueAsync(() => published.Keys.All(n => atOne.ContainsKey(n) && atTwo.ContainsKey(n)));

        Latencies beside = new(), later = new();
        foreach (var (number, at) in published)
        {
            beside.Add(atOne[number] - at);
            later.Add(atTwo[number] - atOne[number]);
        }
        return (beside, later);

        async Task PublishAsync()
        {
            var at = Stopwatch.GetTimestamp();
            published[(await publisher.GraftAsync(run)).SequenceNumber!.Value] = at;
        }
    }

    private static async Task<HubConnection> FollowAsync(ServerProcess server, Guid run, ConcurrentDictionary<long, long> arrived)
    {
        var address = new Uri($"{HubClient.HubOf(server.BaseAddress)}?access_token={TestTokens.Create("follower")}");
        var builder = new HubConnectionBuilder().WithUrl(address, HttpTransportType.WebSockets, http => http.SkipNegotiation = true);
        builder.AddJsonProtocol(protocol => protocol.PayloadSerializerOptions = new(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, new DefaultJsonTypeInfoResolver()),
        });
        var connection = builder.Build();
        connection.On<Guid, CollaborationEvent[]>(nameof(ICollaborationClient.ReceiveEvents), (_, events) =>
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var e in events.Where(e => e.IsCritical)) arrived[e.SequenceNumber!.Value] = now;
        });
        await connection.StartAsync();
        await connection.InvokeAsync<JoinResult>(nameof(ICollaborationHub.JoinRun), run, (long?)null);
        return connection;
    }
}
