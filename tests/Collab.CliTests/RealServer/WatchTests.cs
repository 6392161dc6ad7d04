using System.Text.Json;
using Collab.CliTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Watching.</summary>
public sealed class WatchTests(DevelopmentServer server) : IClassFixture<DevelopmentServer>
{
    private readonly Guid _run = Guid.NewGuid();

    [Fact]
    public async Task It_tells_what_happens_and_ends_at_Ctrl_C()
    {
        using var bob = await server.ClientAsync("bob");
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM", note = "before" });
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--user", "ada");
        await watch.Error.WaitForAsync(lines => lines.Contains("-- here: ada"));
        await bob.PublishAsync(_run, "CURSOR_MOVE", new { nodeId = "PM" });
        await bob.PublishAsync(_run, "GRAFT", new { after = "PM", agentName = "\e[2Jscanner" });
        await watch.Out.WaitForAsync(lines => lines.Any(line => line.EndsWith(@"#2      bob grafted \u001b[2Jscanner after PM", StringComparison.Ordinal)));
        await watch.InterruptAsync();
        var ended = await watch.EndAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.EndsWith("#1      bob flagged PM: before", ended.Out[0], StringComparison.Ordinal);
        Assert.Contains(ended.Out, line => line.EndsWith("ada joined, 1 here", StringComparison.Ordinal));
        Assert.DoesNotContain(ended.Out, line => line.Contains("is at", StringComparison.Ordinal) || line.Contains('\e', StringComparison.Ordinal));
        Assert.Equal(["-- connected to " + server.Process.BaseAddress, "-- here: ada"], ended.Error);
    }

    [Fact]
    public async Task As_JSON_there_is_one_event_a_line_and_nothing_else()
    {
        using var bob = await server.ClientAsync("bob");
        for (var i = 0; i < 3; i++) await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--after", "2", "--cursors");
        await using var fresh = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--no-history");
        await Task.WhenAll(watch.Error.WaitForAsync(lines => lines.Count > 1), fresh.Error.WaitForAsync(lines => lines.Count > 1));
        await bob.PublishAsync(_run, "CURSOR_MOVE", new { nodeId = "PM" });
        await bob.PublishAsync(_run, "FLAG", new { stepId = "last" });
        // Cursor moves come with the next tick, after what was published later.
        await Task.WhenAll(
            watch.Out.WaitForAsync(lines => lines.Any(IsLast) && lines.Any(line => Read(line).EventType == EventTypes.CursorMove)),
            fresh.Out.WaitForAsync(lines => lines.Any(IsLast)));

        Assert.Equal([3, 4], Numbers(watch));
        Assert.Equal([4], Numbers(fresh));
        Assert.DoesNotContain(fresh.Out.All.Select(Read), e => e.EventType == EventTypes.CursorMove);
    }

    [Theory]
    [InlineData("--user", "scanner", "--as-agent")]
    [InlineData("--as-agent")]
    public async Task As_an_agent_it_is_seen_as_one_whatever_token_is_in_the_environment(params string[] options)
    {
        var environment = new Dictionary<string, string>(server.Environment) { ["COLLAB_TOKEN"] = "of-a-person" };
        await using var agent = Tool.Start(environment, ["watch", $"{_run}", .. options]);
        await agent.Error.WaitForAsync(lines => lines.Any(line => line.StartsWith("-- here: ", StringComparison.Ordinal)));
        await using var person = Tool.Start(server.Environment, "watch", $"{_run}", "--user", "ada");
        await person.Error.WaitForAsync(lines => lines.Any(line => line.StartsWith("-- here: ", StringComparison.Ordinal)));

        using var bob = await server.ClientAsync("bob");
        var there = JsonElement.Parse((await bob.GetAsync($"api/runs/{_run}/collaboration/presence")).Body).GetProperty("presence").EnumerateArray();

        var name = options.Length > 1 ? options[1] : System.Environment.UserName;
        Assert.Equal(
            new[] { ("ada", "person"), (name, "agent") }.Order(),
            there.Select(one => (one.GetProperty("userId").GetString()!, one.GetProperty("kind").GetString()!)).Order());
    }

    [Fact]
    public async Task It_ends_with_the_run_and_at_once_where_that_has_ended()
    {
        using var bob = await server.ClientAsync("bob");
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--json");
        await using var fresh = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--no-history");
        await Task.WhenAll(watch.Error.WaitForAsync(lines => lines.Count > 1), fresh.Error.WaitForAsync(lines => lines.Count > 1));

        await bob.PublishAsync(_run, "RUN_END", new { outcome = "done" });
        await using var late = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--after", "1");
        await using var lateFresh = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--no-history");

        foreach (var (tool, numbers) in ((Tool, long[])[])[(watch, [1, 2]), (fresh, [2]), (late, [2]), (lateFresh, [])])
        {
            var ended = await tool.EndAsync();
            Assert.Equal(0, ended.ExitCode);
            Assert.Equal(numbers, ended.Out.Select(Read).Where(e => e.IsCritical).Select(e => e.SequenceNumber!.Value));
            Assert.Equal("-- the run has ended: done", ended.Error[^1]);
        }
    }

    [Fact]
    public async Task Whoever_has_read_enough_ends_it()
    {
        using var bob = await server.ClientAsync("bob");
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await using var pipe = Tool.Start("sh", ["-c", $"dotnet '{Tool.Assembly}' watch {_run} --json | head -n 1"], server.Environment);
        await pipe.Out.WaitForAsync(lines => lines.Count == 1);

        await Eventually.TrueAsync(async () =>
        {
            await bob.PublishAsync(_run, "CURSOR_MOVE", new { nodeId = "PM" });
            await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
            return pipe.Exited.IsCompleted;
        });

        var ended = await pipe.EndAsync();
        Assert.Single(ended.Out);
        Assert.DoesNotContain(ended.Error, line => line.StartsWith("collab:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("1", false)]
    public async Task Colours_are_for_terminals_of_those_who_want_them(string noColor, bool colored)
    {
        using var bob = await server.ClientAsync("bob");
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        var environment = new Dictionary<string, string>(server.Environment) { ["NO_COLOR"] = noColor, ["TERM"] = "xterm" };

        // `script` gives it a terminal.
        await using var tool = Tool.Start("script", ["-qec", $"dotnet '{Tool.Assembly}' replay {_run}", "/dev/null"], environment);

        var line = (await tool.EndAsync()).Out.Single(line => line.Contains("flagged PM", StringComparison.Ordinal));
        Assert.Equal(colored, line.Contains("\e[1mbob\e[22m", StringComparison.Ordinal));
        Assert.Equal(colored, line.Contains("\e[", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_costs_no_event()
    {
        await using var mortal = await ServerProcess.StartAsync();
        using var bob = new ApiClient(mortal.BaseAddress, TestTokens.Create("bob"));
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = mortal.BaseAddress.AbsoluteUri, ["COLLAB_TOKEN"] = TestTokens.Create("ada") };
        await using var watch = Tool.Start(environment, "watch", $"{_run}", "--json");
        await watch.Error.WaitForAsync(lines => lines.Count > 1);
        for (var i = 0; i < 10; i++) await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await watch.Out.WaitForAsync(_ => Numbers(watch).Length == 10);

        await mortal.KillAsync();
        await watch.Error.WaitForAsync(lines => lines.Any(line => line.StartsWith("-- connection lost", StringComparison.Ordinal)));
        await mortal.StartAgainAsync();
        for (var i = 0; i < 10; i++) await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await watch.Out.WaitForAsync(_ => Numbers(watch).Length >= 20, Patience.Process);
        await watch.Error.WaitForAsync(lines => lines.Contains("-- connected again"));
        await watch.InterruptAsync();

        Assert.Equal(0, (await watch.EndAsync()).ExitCode);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), Numbers(watch));
    }

    [Fact]
    public async Task Where_WebSockets_are_refused_it_polls_and_says_so()
    {
        await using var proxy = new TcpProxy(server.Process.BaseAddress);
        proxy.RefuseWebSockets(true);
        using var bob = await server.ClientAsync("bob");
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--server", proxy.BaseAddress.AbsoluteUri);

        await watch.Error.WaitForAsync(lines => lines.Any(line => line.StartsWith("-- polling over HTTP", StringComparison.Ordinal)), Patience.Process);
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await watch.Out.WaitForAsync(_ => Numbers(watch).Length == 1);

        Assert.Contains(watch.Error.All, line => line.StartsWith("-- no connection: ", StringComparison.Ordinal));
        Assert.DoesNotContain(watch.Error.All, IsUnreachable);
    }

    [Fact]
    public async Task Where_polls_fail_too_it_says_that()
    {
        await using var proxy = new TcpProxy(server.Process.BaseAddress);
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--server", proxy.BaseAddress.AbsoluteUri);
        await watch.Error.WaitForAsync(lines => lines.Count > 1);

        proxy.RefuseAll(true);

        await watch.Error.WaitForAsync(lines => lines.Any(IsUnreachable), Patience.Process);
    }

    [Fact]
    public async Task Events_that_are_gone_when_it_comes_back_are_told()
    {
        await using var proxy = new TcpProxy(server.Process.BaseAddress);
        using var bob = await server.ClientAsync("bob");
        await using var watch = Tool.Start(server.Environment, "watch", $"{_run}", "--json", "--server", proxy.BaseAddress.AbsoluteUri);
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await watch.Out.WaitForAsync(_ => Numbers(watch).Length == 1);

        proxy.RefuseAll(true);
        await server.TrimAsync(_run);
        proxy.RefuseAll(false);
        await watch.Out.WaitForAsync(_ => Numbers(watch) is [.., 161], Patience.Process);

        var oldest = Numbers(watch)[1];
        Assert.True(oldest > 2);
        Assert.Equal(Enumerable.Range((int)oldest, 162 - (int)oldest).Select(n => (long)n), Numbers(watch)[1..]);
        await watch.Error.WaitForAsync(lines => lines.Contains($"-- events 2 to {oldest - 1} are no longer kept; `collab state {_run}` covers them"));
    }

    [Fact]
    public async Task Where_the_server_keeps_more_than_the_client_does_nothing_is_called_lost()
    {
        await using var generous = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?>
            {
                ["Collab:Retention:EventsPerRun"] = "5000",
                ["Collab:Limits:PublishPerSecond"] = "10000",
                ["Collab:Limits:PublishBurst"] = "10000",
                ["Collab:Limits:PublishPerMinute"] = "100000",
            },
        });
        using var bob = new ApiClient(generous.BaseAddress, TestTokens.Create("bob"));
        for (var i = 0; i < 15; i++) await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bob.PublishAsync(_run, "FLAG", new { stepId = "PM" })));
        var environment = new Dictionary<string, string> { ["COLLAB_SERVER"] = generous.BaseAddress.AbsoluteUri, ["COLLAB_TOKEN"] = TestTokens.Create("ada") };
        await using var watch = Tool.Start(environment, "watch", $"{_run}", "--json");

        await watch.Out.WaitForAsync(lines => lines.Count >= 1500);
        await watch.Error.WaitForAsync(lines => lines.Count > 1);
        await watch.InterruptAsync();

        Assert.Equal(0, (await watch.EndAsync()).ExitCode);
        Assert.Equal(Enumerable.Range(1, 1500).Select(n => (long)n), Numbers(watch));
        Assert.DoesNotContain(watch.Error.All, line => line.Contains("no longer kept", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--after", "3")]
    [InlineData("--after", "3", "--no-history")]
    public async Task A_run_that_is_erased_begins_again_with_its_first_event(params string[] options)
    {
        using var bob = await server.ClientAsync("bob");
        for (var i = 0; i < 3; i++) await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
        await using var watch = Tool.Start(server.Environment, ["watch", $"{_run}", "--json", .. options]);
        await watch.Error.WaitForAsync(lines => lines.Count > 1);

        await bob.EraseAsync(_run);
        await watch.Error.WaitForAsync(lines => lines.Contains("-- connected again"));
        for (var i = 0; i < 2; i++) await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });

        await watch.Out.WaitForAsync(_ => Numbers(watch) is [1, 2]);
    }

    private static long[] Numbers(Tool tool) => [.. tool.Out.All.Select(Read).Select(e => e.SequenceNumber).OfType<long>()];

    private static bool IsUnreachable(string line) => line.StartsWith("-- the server does not answer over HTTP either", StringComparison.Ordinal);

    private static bool IsLast(string line) => line.Contains("\"last\"", StringComparison.Ordinal);

    private static CollaborationEvent Read(string line) => JsonSerializer.Deserialize(line, CollabJson.Default.CollaborationEvent)!;
}
