using System.Text.Json;
using Collab.CliTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Small loads, whose counts are known.</summary>
public sealed class LoadTests(DevelopmentServer server) : IClassFixture<DevelopmentServer>
{
    private readonly Guid _run = Guid.NewGuid();

    [Fact]
    public async Task It_counts_what_it_does()
    {
        var ended = await Tool.RunAsync(server.Environment, "load", "--runs", "2", "--clients", "5", "--rate", "40", "--duration", "1500ms", "--payload", "333", "--json");

        Assert.Equal(0, ended.ExitCode);
        var report = Parse(ended);
        Assert.Equal((60, 60), (Number(report, "published"), Number(report, "acknowledged")));
        // Three clients follow one run, two the other; each fifth event is published by each client.
        Assert.Equal((36 * 3) + (24 * 2), Number(report, "delivered"));
        Assert.Equal(Number(report, "expectedDeliveries"), Number(report, "delivered"));
        Assert.Equal((0, 0, 0), (Number(report, "missing"), Number(report, "repeated"), Number(report, "outOfOrder")));
        Assert.Equal((2, 5, 333), (Number(report, "runs"), Number(report, "clients"), Number(report, "payloadBytes")));
        Assert.Empty(report.GetProperty("refused").EnumerateObject());
        Assert.True(report.GetProperty("acknowledgedMs").GetProperty("p99").GetDouble() > 0);
        Assert.Contains(ended.Error, line => line.Contains("1 s  published", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_loads_a_run_of_ones_own_with_events_of_the_size_that_was_asked_for()
    {
        using var somebody = await server.ClientAsync("somebody");
        await somebody.PublishAsync(_run, "FLAG", new { stepId = "PM" });

        var ended = await Tool.RunAsync(server.Environment, "load", $"{_run}", "--clients", "2", "--rate", "10", "--duration", "1s", "--payload", "100");

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("Each client got each event once and in order.", ended.Out[^1]);
        var events = (await somebody.ReplayAsync(_run)).Value.Events;
        Assert.Equal(11, events.Count);
        Assert.All(events.Skip(1), e => Assert.Equal(100, e.Data.GetRawText().Length));
    }

    [Fact]
    public async Task The_servers_rate_limit_holds_it_back_and_it_says_so()
    {
        await using var strict = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Limits:PublishPerSecond"] = "1", ["Collab:Limits:PublishBurst"] = "3" },
        });
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = strict.BaseAddress.AbsoluteUri, ["COLLAB_TOKEN"] = TestTokens.Create("ada") };

        var ended = await Tool.RunAsync(environment, "load", "--clients", "1", "--rate", "10", "--duration", "600ms", "--json");

        Assert.Equal(0, ended.ExitCode);
        var report = Parse(ended);
        Assert.Equal(6, Number(report, "acknowledged") + report.GetProperty("refused").EnumerateObject().Sum(code => code.Value.GetInt64()));
        Assert.True(Number(report, "rateLimitedRetries") > 0);
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_costs_no_event()
    {
        await using var mortal = await ServerProcess.StartAsync();
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = mortal.BaseAddress.AbsoluteUri, ["COLLAB_TOKEN"] = TestTokens.Create("ada") };
        await using var load = Tool.Start(environment, "load", "--clients", "3", "--rate", "9", "--duration", "10m", "--timeout", "60s", "--json");
        await load.Error.WaitForAsync(lines => lines.Any(line => line.Contains("acknowledged ", StringComparison.Ordinal)));

        await mortal.KillAsync();
        await mortal.StartAgainAsync();
        await load.InterruptAsync();
        var ended = await load.EndAsync();

        Assert.Equal(0, ended.ExitCode);
        var report = Parse(ended);
        Assert.Equal(Number(report, "published"), Number(report, "acknowledged"));
        Assert.Equal(3 * Number(report, "acknowledged"), Number(report, "delivered"));
    }

    [Fact]
    public async Task Numbers_that_begin_again_are_found_out()
    {
        using var admin = await server.ClientAsync("admin");
        await using var load = Tool.Start(server.Environment, "load", $"{_run}", "--clients", "2", "--rate", "10", "--duration", "10m");
        await load.Error.WaitForAsync(lines => lines.Any(line => line.Contains("s  published ", StringComparison.Ordinal)));

        await admin.EraseAsync(_run);
        var before = load.Error.All.Length;
        await load.Error.WaitForAsync(lines => lines.Count > before + 1);
        await load.InterruptAsync();
        var ended = await load.EndAsync();

        Assert.Equal(4, ended.ExitCode);
        Assert.StartsWith("BROKEN: ", ended.Out[^1], StringComparison.Ordinal);
    }

    private static JsonElement Parse(Ended ended) => JsonElement.Parse(Assert.Single(ended.Out));

    private static long Number(JsonElement report, string name) => report.GetProperty(name).GetInt64();
}
