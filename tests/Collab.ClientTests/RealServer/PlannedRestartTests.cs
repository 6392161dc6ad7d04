using System.Diagnostics;
using System.Globalization;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.ClientTests.RealServer;

/// <summary>A server that is stopped in order under load, and started again at the same place.</summary>
public sealed class PlannedRestartTests(ITestOutputHelper output)
{
    private const int Clients = 50;
    private const int Publishers = 10;
    private const int Enough = 500;

    private readonly Guid _run = Guid.NewGuid();
    private readonly Arrivals<PublishAck> _acks = new();

    [Fact]
    public async Task Fifty_clients_of_both_protocols_lose_and_repeat_nothing_and_know_why_they_were_away()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?>(LiveServer.Unlimited)
            {
                ["Collab:Drain:DelaySeconds"] = "1",
                ["Collab:Drain:OverSeconds"] = "2",
            },
        });
        var clients = Enumerable.Range(0, Clients).Select(n => new CollabClient(OptionsOf(server, n))).ToArray();
        var runs = await Task.WhenAll(clients.Select(client => client.ConnectAsync(_run)));
        var readings = runs.Select(run => new Reading(run)).ToArray();
        using var stop = new CancellationTokenSource();
        var publishing = runs.Take(Publishers).Select(run => PublishAsync(run, stop.Token)).ToArray();
        await MoreAsync();

        var stopped = Stopwatch.GetTimestamp();
        Assert.Equal(0, await server.StopAsync());
        output.WriteLine($"stopped after {Stopwatch.GetElapsedTime(stopped).TotalSeconds:0.0} s");
        Assert.All(runs, run => Assert.Equal(EndingCode.Shutdown, run.Snapshot.Reason?.Code));
        await server.StartAgainAsync();
        output.WriteLine($"started after {Stopwatch.GetElapsedTime(stopped).TotalSeconds:0.0} s");
        await Task.WhenAll(runs.Select(run => run.WaitForAsync(s => s.Connection is ConnectionState.Live))).WaitAsync(Patience.Process);
        output.WriteLine($"all live after {Stopwatch.GetElapsedTime(stopped).TotalSeconds:0.0} s");
        await MoreAsync();
        await stop.CancelAsync();
        await Task.WhenAll(publishing).WaitAsync(Patience.Process);

        var acks = _acks.All;
        await Task.WhenAll(readings.Select(reading => reading.WaitForAsync(acks.Length)));
        foreach (var reading in readings) reading.AssertHolds(acks);
        output.WriteLine($"{acks.Length} events, {acks.Count(ack => ack.Duplicate)} acknowledged as duplicates");
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static CollabClientOptions OptionsOf(ServerProcess server, int n)
    {
        var options = LiveServer.OptionsOf(server.BaseAddress, string.Create(CultureInfo.InvariantCulture, $"user-{n}"));
        options.Protocol = n % 2 == 0 ? HubProtocol.Json : HubProtocol.MessagePack;
        options.Backoff = null;
        return options;
    }

    private async Task MoreAsync()
    {
        var goal = _acks.All.Length + Enough;
        await _acks.WaitForAsync(acks => acks.Count >= goal, Patience.Process);
    }

    private async Task PublishAsync(RunConnection run, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) _acks.Add(await run.FlagAsync("PM", cancellationToken: CancellationToken.None));
    }
}
