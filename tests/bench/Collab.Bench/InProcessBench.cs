using System.Diagnostics;
using System.Text;
using Collab.AspNetCore;
using Collab.Bench.Load;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Bench;

/// <summary>
/// What an event costs that an application publishes inside its own process, beside one that comes by hub: 64 runs, 16 publishes under way in each, both durable in
/// the same PostgreSQL, by turns. The application is this process, so its publishers count as its own.
/// </summary>
internal static class InProcessBench
{
    private const int Runs = 64;
    private const int Window = 16;
    private const int Turns = 8;

    public static async Task RunAsync(int rounds)
    {
        Console.WriteLine($"{Runs} runs, {Window} publishes under way in each, 200-byte payloads, durable, by turns of three seconds:");
        Console.WriteLine($"{"",12} {"publishes/s",12} {"server CPU us",14} {"database CPU us",16}");
        for (var round = 0; round < rounds; round++)
        {
            await using var servers = new Servers();
            var target = await servers.StartAsync("collab");
            await using var application = await EmbeddedApplication.StartAsync(await servers.CreateDatabaseAsync());
            await using var hub = await PublishWorkload.PrepareAsync(target, Runs, Window);
            await using var inside = new Inside(
                target with { ServerId = Environment.ProcessId }, application.Services.GetRequiredService<ICollab>());
            await inside.WarmUpAsync();
            for (var turn = 0; turn < Turns; turn++)
            {
                foreach (var workload in turn % 2 == 0 ? (Workload[])[hub, inside] : [inside, hub]) await workload.TakeTurnAsync();
            }
            Print("hub", hub.Figures);
            Print("in process", inside.Figures);
        }
    }

    private static void Print(string name, Figures figures) => Console.WriteLine(
        $"{name,12} {figures["publishes/s"],12:0} {figures["server CPU us per publish"],14:0.0} {figures["database CPU us per publish"],16:0.0}");

    private sealed class Inside(Target target, ICollab collab) : Workload(target)
    {
        private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");

        private readonly RunHandle[] _runs = [.. Enumerable.Range(0, Runs).Select(_ => collab.Run(Guid.NewGuid()))];
        private long _published;

        public override Figures Figures => new()
        {
            ["publishes/s"] = _published / Cost.Seconds,
            ["server CPU us per publish"] = Cost.Server / _published * 1e6,
            ["database CPU us per publish"] = Cost.Database / _published * 1e6,
        };

        /// <summary>As long as the hub's side has.</summary>
        public async Task WarmUpAsync()
        {
            for (var turn = 0; turn < 3; turn++) await WorkAsync();
            _published = 0;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected override Task WorkAsync()
        {
            var watch = Stopwatch.StartNew();
            return Task.WhenAll(Enumerable.Range(0, Runs * Window).Select(async n =>
            {
                while (watch.Elapsed < Turn)
                {
                    await _runs[n % Runs].PublishAsync(new NewEvent("GRAFT", Data));
                    Interlocked.Increment(ref _published);
                }
            }));
        }
    }
}
