using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Collab.Bench.Load;
using Collab.Protocol;
using Collab.TestKit;

namespace Collab.Bench;

/// <summary>What a publisher waits for its acknowledgement, alone and beside those who read what is expensive, by turns, with the limits that a server has.</summary>
internal sealed class Readers : IAsyncDisposable
{
    private const int PastStates = 32, Documents = 100, JoiningUsers = 20, JoinsPerUserAndSecond = 50;

    private static readonly TimeSpan Refused = TimeSpan.FromMilliseconds(50), Turn = TimeSpan.FromSeconds(8);

    private readonly ServerProcess _server;
    private readonly HttpClient _http;
    private readonly Guid _large = Guid.NewGuid(), _small = Guid.NewGuid();
    private readonly List<HubClient> _joining = [];
    private int _answered, _refused;

    private Readers(ServerProcess server)
    {
        _server = server;
        _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = server.BaseAddress };
    }

    /// <param name="rounds">How many turns each load has.</param>
    /// <param name="only"><c>sqlite</c> or <c>postgres</c>; null for one after the other.</param>
    public static async Task RunAsync(int rounds, string? only)
    {
        if (only != "postgres")
            await MeasureAsync("SQLite", new ServerSettings { Configuration = new Dictionary<string, string?>(Limits) }, rounds);
        if (only == "sqlite") return;
        await using var postgres = await PostgresServer.StartAsync();
        await MeasureAsync("PostgreSQL", ServerSettings.ForPostgres(await postgres.CreateDatabaseAsync(), [.. Limits]), rounds);
    }

    /// <summary>The publisher may do what he likes; the readers may not.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Limits =>
        ((string[])["PublishPerSecond", "PublishPerMinute"]).Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)"0"));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _joining) await client.DisposeAsync();
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task MeasureAsync(string store, ServerSettings settings, int rounds)
    {
        await using var readers = new Readers(await ServerProcess.StartAsync(settings));
        await readers.FillAsync();
        var all = new List<(string Load, double P50, double P99)>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, load) in readers.Loads)
            {
                var (p50, p99) = await readers.BesideAsync(load);
                all.Add((name, p50, p99));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{store}, {name}: p50 {p50:0.0} ms, p99 {p99:0.0} ms, {readers._answered} answered, {readers._refused} refused, {ProcessUse.ResidentKib(readers._server.Id) / 1024:0} MB"));
            }
        }
        var alone = Median.Of(all.Where(a => a.Load == "alone").Select(a => a.P99));
        foreach (var load in all.GroupBy(a => a.Load, StringComparer.Ordinal))
        {
            var p99 = Median.Of(load.Select(l => l.P99));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{store}, {load.Key}: median p99 {p99:0.0} ms, {p99 / alone:0.0} x"));
        }
    }

    private IEnumerable<(string Name, Func<CancellationToken, IEnumerable<Task>> Load)> Loads =>
    [
        ("alone", _ => []),
        ($"{PastStates} readers of past states", token => Enumerable.Range(0, PastStates).Select(n => AskAsync(() => $"api/runs/{_large}/collaboration/state?asOfSequence={Random.Shared.Next(1, 1000)}", $"reader-{n}", token))),
        ($"{Documents} readers of the API document", token => Enumerable.Range(0, Documents).Select(_ => AskAsync(() => "openapi/v1.json", user: null, token))),
        ($"{JoiningUsers * JoinsPerUserAndSecond} joins a second", token => _joining.Select(client => JoinAsync(client, token))),
    ];

    private async Task FillAsync()
    {
        await using var writer = await HubClient.ConnectAsync(_server.BaseAddress, TestTokens.Create("writer"));
        var agent = new string('x', 16_000);
        for (var n = 0; n < 1000; n += 20) await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => writer.GraftAsync(_large, agentName: agent)));
        for (var n = 0; n < JoiningUsers; n++) _joining.Add(await HubClient.ConnectAsync(_server.BaseAddress, TestTokens.Create($"joining-{n}")));
    }

    private async Task<(double P50, double P99)> BesideAsync(Func<CancellationToken, IEnumerable<Task>> load)
    {
        (_answered, _refused) = (0, 0);
        using var end = new CancellationTokenSource();
        var readers = load(end.Token).ToArray();
        await Task.Delay(500);
        var latencies = new Latencies();
        // A thread of its own, blocking: what is measured is the server, not the queue of this process.
        var publisher = new Thread(() => Publish(latencies));
        publisher.Start();
        while (publisher.IsAlive) await Task.Delay(50);
        await end.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(1));
        return (latencies.Quantile(0.5), latencies.Quantile(0.99));
    }

    private void Publish(Latencies latencies)
    {
        using var http = LeanHttp.ConnectAsync(_server.BaseAddress).GetAwaiter().GetResult();
        var body = """{"eventType":"FLAG","data":{"stepId":"PM"}}""";
        var request = Encoding.ASCII.GetBytes(
            $"POST /api/runs/{_small}/collaboration/events HTTP/1.1\r\nHost: 127.0.0.1:{_server.BaseAddress.Port}\r\n"
            + $"Authorization: Bearer {TestTokens.Create("publisher")}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        for (var until = DateTime.UtcNow + Turn; DateTime.UtcNow < until; Thread.Sleep(5))
        {
            var at = System.Diagnostics.Stopwatch.GetTimestamp();
            http.Ask(request);
            latencies.Add(System.Diagnostics.Stopwatch.GetTimestamp() - at);
        }
    }

    private async Task AskAsync(Func<string> path, string? user, CancellationToken end)
    {
        var authorization = user is null ? null : new AuthenticationHeaderValue("Bearer", TestTokens.Create(user));
        while (!end.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path()) { Headers = { Authorization = authorization } };
            using var answer = await _http.SendAsync(request, CancellationToken.None);
            await CountAsync(answer.StatusCode == HttpStatusCode.OK);
        }
    }

    private async Task JoinAsync(HubClient client, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!end.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, JoinsPerUserAndSecond / 10).Select(async _ =>
            {
                try
                {
                    await client.JoinAsync(_small, afterSequence: 1_000_000);
                    await CountAsync(isAnswer: true);
                }
                catch (Exception e) when (e.Message.Contains(CollabErrorCode.RateLimited.ToWire(), StringComparison.Ordinal))
                {
                    await CountAsync(isAnswer: false);
                }
            }));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private Task CountAsync(bool isAnswer)
    {
        Interlocked.Increment(ref isAnswer ? ref _answered : ref _refused);
        return isAnswer ? Task.CompletedTask : Task.Delay(Refused);
    }
}
